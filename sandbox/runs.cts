import { randomBytes } from 'node:crypto';

import type { SandboxOptions, SandboxRun, SandboxWorkflow, WorkflowOutput } from './types.cts';

interface Entry {
	run: SandboxRun;
	workflow: SandboxWorkflow;
	/** In milliseconds of a monotonic clock. */
	startedAt: number;
	/** The decision of the person that the run waits for. */
	verdict?: 'finish' | 'fail';
	/** The Result Node's output, computed while the run is pending. */
	result: Promise<WorkflowOutput>;
	/** Set when the run has finished. */
	output?: WorkflowOutput;
}

/** The runs of a sandbox and their progress. */
export class Runs {
	readonly all = new Map<string, SandboxRun>();

	private readonly entries = new Map<string, Entry>();

	constructor(private readonly options: SandboxOptions) {}

	start(workflow: SandboxWorkflow, inputs: Record<string, unknown>): SandboxRun {
		const id = `run_${randomBytes(9).toString('base64url')}`;
		const begin = { status: 'PENDING', stepsCompleted: 0, polls: 0, createdAt: new Date() };
		const run: SandboxRun = { id, workflowId: workflow.id, inputs, ...begin };
		const result = workflow.output(inputs);
		// An error fails the run later.
		result.catch(() => {});
		this.all.set(id, run);
		this.entries.set(id, { run, workflow, startedAt: performance.now(), result });
		return run;
	}

	decide(runId: string, verdict: 'finish' | 'fail'): void {
		const entry = this.entries.get(runId);
		if (entry === undefined) throw new Error(`No run ${runId}`);
		entry.verdict = verdict;
	}

	/** The IDs of the runs that wait for a person. */
	waiting(): string[] {
		return [...this.entries.values()]
			.filter((entry) => needsPerson(entry) && !hasEnded(entry))
			.filter((entry) => this.stepsPassed(entry) >= entry.workflow.steps - 1)
			.map(({ run }) => run.id);
	}

	/** Counts a poll, and updates the run's progress. */
	async poll(runId: string): Promise<SandboxRun | undefined> {
		const entry = this.entries.get(runId);
		if (entry === undefined) return undefined;
		entry.run.polls++;
		await this.moveTo(entry, Math.min(this.stepsPassed(entry), entry.workflow.steps));
		return entry.run;
	}

	/** The documented run object. A large output is a generator. */
	describe(run: SandboxRun): { fields: object; output: WorkflowOutput | null } {
		const entry = this.entries.get(run.id) as Entry;
		const { id, status, stepsCompleted } = run;
		const createdAt = run.createdAt.toISOString();
		const { steps } = entry.workflow;
		return {
			fields: { id, versionName: 'v1', status, createdAt, steps, stepsCompleted },
			output: status === 'FINISHED' ? (entry.output ?? {}) : null,
		};
	}

	private stepsPassed({ run, startedAt }: Entry): number {
		if (this.options.advance === 'poll') return run.polls;
		return Math.floor((performance.now() - startedAt) / this.options.stepMs);
	}

	private async moveTo(entry: Entry, steps: number): Promise<void> {
		const { run, workflow, verdict } = entry;
		if (hasEnded(entry) || steps === 0) return;
		const reached = needsPerson(entry) ? Math.min(steps, workflow.steps - 1) : steps;
		run.stepsCompleted = Math.min(reached, workflow.failsAfter ?? Infinity);
		run.status = 'RUNNING';
		if (verdict === 'fail' || run.stepsCompleted === workflow.failsAfter) run.status = 'FAILED';
		else if (run.stepsCompleted === workflow.steps) {
			try {
				entry.output = await entry.result;
				run.status = 'FINISHED';
			} catch (error) {
				// Dibby also fails runs with documents that it can't read.
				run.status = 'FAILED';
				this.options.log(`run ${run.id}: ${String(error)}`);
			}
		}
		const progress = `${run.stepsCompleted} of ${workflow.steps} steps`;
		this.options.log(`run ${run.id} of "${workflow.name}": ${run.status}, ${progress}`);
	}
}

function needsPerson({ workflow, verdict }: Entry): boolean {
	return workflow.needsPerson === true && verdict === undefined;
}

function hasEnded({ run }: Entry): boolean {
	return run.status === 'FINISHED' || run.status === 'FAILED';
}
