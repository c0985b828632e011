import type { StoredWorkflow } from '../../sandbox/editor/client.cts';
import { nodeItems } from '../../sandbox/editor/executionData.cts';
import type { Execution } from '../../sandbox/editor/executionData.cts';
import type { NodeSketch, RealN8n } from '../e2e/realN8n.cts';
import { straightWorkflow } from '../e2e/realN8n.cts';
import { manual, webhook } from '../e2e/sketches.cts';
import { items, numberOf, pause } from './sleepers.cts';

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

export interface HowToStart {
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

	/** Those that have ended. */
	private readonly executions = new Map<string, Execution>();

	/** What webhooks answered, by their paths. */
	readonly answers = new Map<string, unknown>();

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

	/** How to start a production execution by a webhook. */
	byWebhook(path: string, trigger = webhook(path, 'onReceived')): HowToStart {
		const { client } = this.real;
		const run = async (workflow: StoredWorkflow) => {
			await client.activate(workflow);
			const response = await client.call(path, { method: 'POST' });
			this.answers.set(path, await response.json());
			for (;;) {
				const all = await client.executions(workflow.id);
				const found = all.find(({ mode }) => mode === 'webhook');
				if (found !== undefined) return found.id;
				await pause(100);
			}
		};
		return { trigger, run };
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

	/** Waits until the executions of the cases with these names sleep. */
	async areAsleep(isMeant: (name: string) => boolean = () => true): Promise<void> {
		for (const [name, { executionId }] of this.all) {
			if (isMeant(name)) await this.real.client.waitForExecution(executionId, 600_000, ['waiting']);
		}
	}

	/** Waits until the executions of the cases with these names have ended. */
	async end(isMeant: (name: string) => boolean = () => true): Promise<void> {
		for (const [name, { executionId }] of this.all) {
			if (!isMeant(name)) continue;
			const execution = await this.real.client.waitForExecution(executionId, 1_500_000);
			this.executions.set(name, execution);
		}
	}

	/** An execution that has ended. */
	found(name: string): Execution {
		return this.executions.get(name) as Execution;
	}

	/** The items that it has at a node. */
	json(name: string, node = 'After', output = 0) {
		return nodeItems(this.found(name), node, output).map(({ json }) => json);
	}

	/** The error that ended it. */
	error(name: string) {
		return this.found(name).data?.resultData.error;
	}

	/** Retries an execution as n8n's list of executions does, and waits until that has ended, as another case. */
	async retry(name: string, loadWorkflow: boolean, as: string): Promise<void> {
		const path = `/executions/${this.get(name).executionId}/retry`;
		const { client } = this.real;
		const { id } = await client.session.request<{ id: string }>('POST', path, { loadWorkflow });
		this.executions.set(as, await client.waitForExecution(id, 900_000));
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
			const owner = [...this.all.values()].find(({ from }) => isOf(from, number));
			const verdict = owner?.decide(number - owner.from);
			if (verdict !== undefined) sandbox[verdict](id);
		}
	}
}

function isOf(from: number, number: number): boolean {
	return number >= from && number < from + NUMBERS;
}
