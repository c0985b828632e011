import { randomBytes } from 'node:crypto';

import type { SandboxOptions, SandboxRun, SandboxWorkflow } from './types.cts';

interface Entry {
	run: SandboxRun;
	workflow: SandboxWorkflow;
	/** Set by the person that the run waits for. */
	verdict?: 'finish' | 'fail';
	output?: object | (() => Generator<string>);
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
		this.all.set(id, run);
		this.entries.set(id, { run, workflow });
		return run;
	}

	decide(runId: string, verdict: 'finish' | 'fail'): void {
		const entry = this.entries.get(runId);
		if (entry === undefined) throw new Error(`No run ${runId}`);
		entry.verdict = verdict;
	}

	/** Moves a run on, as far as time or this question takes it. */
	async look(runId: string): Promise<SandboxRun | undefined> {
		const entry = this.entries.get(runId);
		if (entry === undefined) return undefined;
		const { run, workflow } = entry;
		run.polls++;
		const passed =
			this.options.advance === 'poll'
				? run.polls
				: Math.floor((Date.now() - run.createdAt.getTime()) / this.options.stepMs);
		await this.moveTo(entry, Math.min(passed, workflow.steps));
		return run;
	}

	/** The documented run object; the output is a generator where it is too large to hold. */
	describe(run: SandboxRun): { fields: object; output: object | (() => Generator<string>) | null } {
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

	private async moveTo(entry: Entry, steps: number): Promise<void> {
		const { run, workflow, verdict } = entry;
		const isOver = run.status === 'FINISHED' || run.status === 'FAILED';
		if (isOver || steps === 0) return;
		const waitsForPerson = workflow.needsPerson === true && verdict === undefined;
		const reached = waitsForPerson ? Math.min(steps, workflow.steps - 1) : steps;
		run.stepsCompleted = Math.min(reached, workflow.failsAfter ?? Infinity);
		run.status = 'RUNNING';
		if (verdict === 'fail' || run.stepsCompleted === workflow.failsAfter) run.status = 'FAILED';
		else if (run.stepsCompleted === workflow.steps) {
			try {
				entry.output = await workflow.output(run.inputs);
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
