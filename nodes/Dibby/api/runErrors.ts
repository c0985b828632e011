import type { ErrorDetails } from '../errors';
import type { Completion, DibbyRun } from '../types';
import { quoteAnswer } from './serverText';
import type { Redactor } from './serverText';

/** The documented ones have at most eight characters. */
const LONGEST_STATUS = 100;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * The error for a run that Dibby reports as failed.
 *
 * @param workflowPage the address of the workflow's page, where the run can be looked at
 */
export function failedRunError(
	run: DibbyRun,
	redact: Redactor,
	workflowPage?: string,
): ErrorDetails {
	const { id, output } = run;
	const steps = stepsOf(run);
	const quote = (json: unknown) => quoteAnswer({ text: '', json }, redact);
	const words = quote(output) || quote(run);
	return {
		message: `The Dibby run failed${steps && ` after ${steps}`}`,
		description: `${words}Open the run ${redact.id(id)} in Dibby${workflowPage === undefined ? '' : ` (${workflowPage})`} to see which step failed and why. To get such a run as data instead, set When the Run Fails to Return the Run.`,
		runId: id,
		page: workflowPage,
	};
}

/**
 * The error for a run that is not over when the time limit is.
 *
 * @param isStartedHere whether the node started it, and would start another one when it is executed again
 */
export function timeLimitError(
	run: DibbyRun,
	{ sleeps, canSleep, timeLimitMs }: Completion,
	redact: Redactor,
	isStartedHere: boolean,
): ErrorDetails {
	const id = redact.id(run.id);
	const advice = isStartedHere
		? `Don't run this node again: that starts a second run. Fetch this one later with Get Run and the ID ${id}. For later runs, raise Time Limit${sleeps || !canSleep ? '' : ', or set While Waiting to Sleep'}.`
		: `Fetch it again later with the ID ${id}, or raise Time Limit.`;
	return {
		message: `The Dibby run was not finished after ${durationOf(timeLimitMs, sleeps)}`,
		description: `It goes on in Dibby; its last known status is ${statusOf(run, redact)}. A run may be waiting for a person. ${advice}`,
		runId: run.id,
	};
}

function durationOf(milliseconds: number, sleeps: boolean): string {
	const [unit, unitMs] =
		sleeps && milliseconds >= DAY_MS
			? ['day', DAY_MS]
			: sleeps && milliseconds >= HOUR_MS
				? ['hour', HOUR_MS]
				: ['minute', MINUTE_MS];
	const count = Number((milliseconds / unitMs).toFixed(2));
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A run's status as it can be shown; "unknown" for what is no text. */
export function statusOf({ status }: DibbyRun, redact: Redactor): string {
	return typeof status === 'string' ? redact.quote(status, LONGEST_STATUS) : 'unknown';
}

/** How far a run is, such as "2 of 5 steps"; empty where Dibby does not say. */
export function stepsOf({ steps, stepsCompleted }: DibbyRun): string {
	const isCounted = typeof steps === 'number' && typeof stepsCompleted === 'number';
	return isCounted ? `${stepsCompleted} of ${steps} steps` : '';
}
