import { randomBytes } from 'node:crypto';

import type { SandboxOptions, SandboxRun, SandboxWorkflow, WorkflowOutput } from './types.cts';

export interface Run extends SandboxRun {
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
	readonly all = new Map<string, Run>();

	constructor(private readonly options: SandboxOptions) {}

	start(workflow: SandboxWorkflow, inputs: Record<string, unknown>): Run {
		const id = `run_${randomBytes(9).toString('base64url')}`;
		const begin = { status: 'PENDING', stepsCompleted: 0, polls: 0, createdAt: new Date() };
		const result = workflow.output(inputs);
		// An error fails the run later.
		result.catch(() => {});
		const more = { workflow, startedAt: performance.now(), result };
		const run: Run = { id, workflowId: workflow.id, inputs, ...begin, ...more };
		this.all.set(id, run);
		return run;
	}

	decide(runId: string, verdict: 'finish' | 'fail'): void {
		const run = this.all.get(runId);
		if (run === undefined) throw new Error(`No run ${runId}`);
		run.verdict = verdict;
	}

	/** The IDs of the runs that wait for a person. */
	waiting(): string[] {
		return [...this.all.values()]
			.filter((run) => needsPerson(run) && !hasEnded(run))
			.filter((run) => this.stepsPassed(run) >= run.workflow.steps - 1)
			.map(({ id }) => id);
	}

	/** Counts a poll, and updates the run's progress. */
	async poll(runId: string): Promise<Run | undefined> {
		const run = this.all.get(runId);
		if (run === undefined) return undefined;
		run.polls++;
		await this.moveTo(run, Math.min(this.stepsPassed(run), run.workflow.steps));
		return run;
	}

	/** The documented run object. A large output is a generator. */
	describe(run: Run): { fields: object; output: WorkflowOutput | null } {
		const { id, status, createdAt, stepsCompleted } = run;
		const { steps } = run.workflow;
		return {
			fields: { id, versionName: 'v1', status, createdAt, steps, stepsCompleted },
			output: status === 'FINISHED' ? (run.output ?? {}) : null,
		};
	}

	private stepsPassed({ polls, startedAt }: Run): number {
		if (this.options.advance === 'poll') return polls;
		return Math.floor((performance.now() - startedAt) / this.options.stepMs);
	}

	private async moveTo(run: Run, steps: number): Promise<void> {
		const { workflow, verdict } = run;
		if (hasEnded(run) || steps === 0) return;
		const reached = needsPerson(run) ? Math.min(steps, workflow.steps - 1) : steps;
		run.stepsCompleted = Math.min(reached, workflow.failsAfter ?? Infinity);
		run.status = 'RUNNING';
		if (verdict === 'fail' || run.stepsCompleted === workflow.failsAfter) run.status = 'FAILED';
		else if (run.stepsCompleted === workflow.steps) {
			try {
				run.output = await run.result;
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

function needsPerson({ workflow, verdict }: Run): boolean {
	return workflow.needsPerson === true && verdict === undefined;
}

function hasEnded({ status }: Run): boolean {
	return status === 'FINISHED' || status === 'FAILED';
}
