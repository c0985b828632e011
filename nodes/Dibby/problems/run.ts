import type { Problem } from '../errors';
import type { DibbyRun } from '../types';
import { quote } from './words';

/** The problem with a run that Dibby reports as failed. */
export function failedRunProblem(run: DibbyRun, redact: (text: string) => string): Problem {
	const { id, steps, stepsCompleted, output } = run;
	const progress =
		typeof steps === 'number' && typeof stepsCompleted === 'number'
			? ` after ${stepsCompleted} of ${steps} steps`
			: '';
	const words = quote(
		{ text: '', json: output ?? { error: run.error, message: run.message } },
		redact,
	);
	return {
		message: `The Dibby run failed${progress}`,
		description: `${words}Open the run ${id} in Dibby to see which step failed and why. To get such a run as data instead, set When the Run Fails to Return the Run.`,
		runId: id,
	};
}

/** The problem with a run that is not over when the time limit is. */
export function timeLimitProblem(run: DibbyRun, timeLimitMs: number): Problem {
	const minutes = Number((timeLimitMs / 60_000).toFixed(2));
	const status = typeof run.status === 'string' ? run.status : 'unknown';
	return {
		message: `The Dibby run was not finished after ${minutes} minute${minutes === 1 ? '' : 's'}`,
		description: `It goes on in Dibby, with the status ${status}. Nothing is lost: use Get Run with the ID ${run.id} to fetch the result later, or raise Time Limit. A run may be waiting for a person.`,
		runId: run.id,
	};
}
