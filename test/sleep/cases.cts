import type { StoredWorkflow } from '../../sandbox/editor/client.cts';
import type { Execution } from '../../sandbox/editor/executionData.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import type { NodeSketch, RealN8n } from '../e2e/realN8n.cts';
import { straightWorkflow } from '../e2e/realN8n.cts';
import { manual } from '../e2e/sketches.cts';
import { contentOf, items, numberOf } from './sleepers.cts';

/** Whose runs are whose is told by the numbers of their items, of which each case has so many. */
const NUMBERS = 1_000;

/** Older than this, a run's execution sleeps. */
const ASLEEP_MS = 75_000;

export interface Case {
	workflow: StoredWorkflow;
	executionId: string;
	/** The number of its first item. */
	from: number;
	/** What the person decides for the run of an item. */
	decide: (item: number) => 'finish' | 'fail' | undefined;
}

interface HowToStart {
	count?: number;
	decide?: Case['decide'];
	settings?: object;
	/** Where the nodes do not follow one another. */
	connections?: StoredWorkflow['connections'];
	/** What starts the execution; Manual Trigger when left out. */
	trigger?: NodeSketch;
	/** Whose credential the node has. */
	real?: RealN8n;
	/** Starts it in another way than a click on Execute. */
	run?: (workflow: StoredWorkflow) => Promise<string>;
}

/** Connections to nodes, one for each output. */
export const to = (...names: string[]) => ({
	main: names.map((node) => [{ node, type: 'main' as const, index: 0 }]),
});

/** Cases of sleeping side by side in one n8n, since each wait takes minutes. Their runs are decided when they sleep. */
export class Cases {
	private readonly all = new Map<string, Case>();

	/** Those whose runs nobody's execution started. */
	private readonly strays: Array<Pick<Case, 'from' | 'decide'>> = [];

	private numbers = 0;

	private readonly timer = setInterval(() => this.decideAll(), 1_000);

	constructor(private readonly real: RealN8n) {}

	stop(): void {
		clearInterval(this.timer);
	}

	/** Starts a workflow of a trigger, items with a document each, and these nodes. */
	async start(name: string, sketches: NodeSketch[], how: HowToStart = {}): Promise<void> {
		const { count = 1, decide = () => 'finish', settings = {}, trigger = manual } = how;
		const { connections, real = this.real } = how;
		const from = this.takeNumbers();
		const all = [trigger, items(count, from), ...sketches];
		let workflow = await straightWorkflow(real, name, all, settings);
		if (connections !== undefined) {
			const { nodes } = workflow;
			workflow = await real.client.updateWorkflow(workflow.id, { nodes, connections });
		}
		const started: Case = { workflow, executionId: '', from, decide };
		this.all.set(name, started);
		const run = how.run ?? (async ({ id }) => await real.client.run(id, manual.name));
		started.executionId = await run(workflow);
	}

	/** Starts a run that no execution started. */
	async startRun(): Promise<string> {
		const from = this.takeNumbers();
		const { url, token } = this.real.sandbox;
		const inputs = { document: contentOf(from) };
		const response = await fetch(`${url}/runs`, {
			method: 'POST',
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
			body: JSON.stringify({ workflowId: WORKFLOWS.approval.id, inputs }),
		});
		this.strays.push({ from, decide: () => 'finish' });
		return ((await response.json()) as { id: string }).id;
	}

	get(name: string): Case {
		const found = this.all.get(name);
		if (found === undefined) throw new Error(`No case ${name}`);
		return found;
	}

	/** The runs of a case, by their items. */
	runIds(name: string): string[] {
		const { from } = this.get(name);
		return [...this.real.sandbox.runs.values()]
			.filter((run) => isOf(from, numberOf(run)))
			.sort((a, b) => numberOf(a) - numberOf(b))
			.map(({ id }) => id);
	}

	async isAsleep(name: string): Promise<void> {
		await this.real.client.waitForExecution(this.get(name).executionId, 600_000, ['waiting']);
	}

	async ended(name: string): Promise<Execution> {
		return await this.real.client.waitForExecution(this.get(name).executionId, 1_500_000);
	}

	/** Retries an execution as n8n's list of executions does, and waits until that has ended. */
	async retry(executionId: string, loadWorkflow: boolean): Promise<Execution> {
		const path = `/executions/${executionId}/retry`;
		const body = { loadWorkflow };
		const { id } = await this.real.client.session.request<{ id: string }>('POST', path, body);
		return await this.real.client.waitForExecution(id, 900_000);
	}

	private takeNumbers(): number {
		this.numbers += NUMBERS;
		return this.numbers;
	}

	private decideAll(): void {
		const { sandbox } = this.real;
		for (const id of sandbox.waiting()) {
			const run = sandbox.runs.get(id);
			if (run === undefined || Date.now() - run.createdAt.getTime() < ASLEEP_MS) continue;
			const number = numberOf(run);
			const owner = [...this.all.values(), ...this.strays].find(({ from }) => isOf(from, number));
			const verdict = owner?.decide(number - owner.from);
			if (verdict !== undefined) sandbox[verdict](id);
		}
	}
}

function isOf(from: number, number: number): boolean {
	return number >= from && number < from + NUMBERS;
}
