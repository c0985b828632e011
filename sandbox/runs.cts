import { randomBytes } from 'node:crypto';

import type { SandboxOptions, SandboxRun, SandboxWorkflow, WorkflowOutput } from './types.cts';

interface Entry {
	run: SandboxRun;
	workflow: SandboxWorkflow;
	/** Milliseconds on a clock that nobody can set. */
	startedAt: number;
	/** Set by the person that the run waits for. */
	verdict?: 'finish' | 'fail';
	/** What the Result Node is going to give, worked out while the run seems to be under way. */
	result: Promise<WorkflowOutput>;
	/** The same, once the run is finished. */
	output?: WorkflowOutput;
}

/** The runs of a sandbox, and how they move on. */
export class Runs {
	readonly all = new Map<string, SandboxRun>();

	private readonly entries = new Map<string, Entry>();

	constructor(private readonly options: SandboxOptions) {}

	start(workflow: SandboxWorkflow, inputs: Record<string, unknown>): SandboxRun {
		const id = `run_${randomBytes(9).toString('base64url')}`;
		const run: SandboxRun = {
			id,
			workflowId: workflow.id,
			inputs,
			status: 'PENDING',
			stepsCompleted: 0,
			polls: 0,
			createdAt: new Date(),
		};
		const result = workflow.output(inputs);
		// A failure is told when the run has come that far.
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

	/** The IDs of the runs that have come to the step of a person. */
	waiting(): string[] {
		return [...this.entries.values()]
			.filter((entry) => needsPerson(entry) && !isOver(entry))
			.filter((entry) => this.stepsPassed(entry) >= entry.workflow.steps - 1)
			.map(({ run }) => run.id);
	}

	/** Moves a run on, as far as time or this poll takes it. */
	async look(runId: string): Promise<SandboxRun | undefined> {
		const entry = this.entries.get(runId);
		if (entry === undefined) return undefined;
		entry.run.polls++;
		await this.moveTo(entry, Math.min(this.stepsPassed(entry), entry.workflow.steps));
		return entry.run;
	}

	/** The documented run object; the output is a generator where it is too large to hold. */
	describe(run: SandboxRun): { fields: object; output: WorkflowOutput | null } {
		const entry = this.entries.get(run.id) as Entry;
		const { id, status, stepsCompleted, createdAt } = run;
		return {
			fields: {
				id,
				versionName: 'v1',
				status,
				createdAt: createdAt.toISOString(),
				steps: entry.workflow.steps,
				stepsCompleted,
			},
			output: status === 'FINISHED' ? (entry.output ?? {}) : null,
		};
	}

	private stepsPassed({ run, startedAt }: Entry): number {
		if (this.options.advance === 'poll') return run.polls;
		return Math.floor((performance.now() - startedAt) / this.options.stepMs);
	}

	private async moveTo(entry: Entry, steps: number): Promise<void> {
		const { run, workflow, verdict } = entry;
		if (isOver(entry) || steps === 0) return;
		const reached = needsPerson(entry) ? Math.min(steps, workflow.steps - 1) : steps;
		run.stepsCompleted = Math.min(reached, workflow.failsAfter ?? Infinity);
		run.status = 'RUNNING';
		if (verdict === 'fail' || run.stepsCompleted === workflow.failsAfter) run.status = 'FAILED';
		else if (run.stepsCompleted === workflow.steps) {
			try {
				entry.output = await entry.result;
				run.status = 'FINISHED';
			} catch (error) {
				// A document that can't be read fails the run, as it does in Dibby.
				run.status = 'FAILED';
				this.options.log(
					`run ${run.id}: ${error instanceof Error ? error.message : String(error)}`,
				);
			}
		}
		this.options.log(
			`run ${run.id} of "${workflow.name}": ${run.status}, ${run.stepsCompleted} of ${workflow.steps} steps`,
		);
	}
}

function needsPerson({ workflow, verdict }: Entry): boolean {
	return workflow.needsPerson === true && verdict === undefined;
}

function isOver({ run }: Entry): boolean {
	return run.status === 'FINISHED' || run.status === 'FAILED';
}
