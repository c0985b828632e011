import type { ErrorDetails } from '../errors';
import type { Completion, DibbyRun } from '../types';
import { quoteResponse } from './redact';
import type { Redactor } from './redact';

/** Documented statuses have at most eight characters. */
const MAX_STATUS_CHARACTERS = 100;

/** From the largest. While an execution stays active, its time limit is in minutes. */
const UNITS: ReadonlyArray<[name: string, milliseconds: number]> = [
	['day', 24 * 60 * 60_000],
	['hour', 60 * 60_000],
	['minute', 60_000],
];

/**
 * The error for a run that Dibby reports as failed.
 *
 * @param workflowPage the URL of the workflow's page, where the user can open the run
 */
export function failedRunError(
	run: DibbyRun,
	redact: Redactor,
	workflowPage?: string,
): ErrorDetails {
	const { id, output } = run;
	const steps = stepsOf(run);
	const quote = (json: unknown) => quoteResponse({ text: '', json }, redact);
	const page = workflowPage === undefined ? '' : ` (${workflowPage})`;
	return {
		message: `The Dibby run failed${steps && ` after ${steps}`}`,
		description: `${quote(output) || quote(run)}Open the run ${redact.id(id)} in Dibby${page} to see which step failed and why. To output failed runs as data instead, set 'When the Run Fails' to 'Return the Run'.`,
		page: workflowPage,
	};
}

/**
 * The error for a run that didn't end within the time limit. It doesn't mention n8n's Retry, which starts another run if
 * the inputs have changed.
 */
export function timeLimitError(
	run: DibbyRun,
	{ sleeps, timeLimitMs }: Pick<Completion, 'sleeps' | 'timeLimitMs'>,
	redact: Redactor,
	origin: { isStartedHere: boolean; isToolCall: boolean; problem?: string },
): ErrorDetails {
	const { isStartedHere, isToolCall, problem } = origin;
	const id = redact.id(run.id);
	const check = problem === undefined ? '' : ` The last check failed: ${problem}.`;
	const getRun = `use 'Get Run' with the ID ${id}`;
	const orSleep = sleeps || isToolCall ? '' : " or set 'While Waiting' to 'Sleep'";
	return {
		message: `The Dibby run is still in progress after ${durationOf(timeLimitMs, sleeps)}`,
		description: `The run ${id} continues in Dibby and may be waiting for a person. Its last known status is ${statusOf(run, redact)}.${check} ${
			isStartedHere
				? `To get the result later, ${getRun}. Don't start the run again. For future runs, increase 'Time Limit'${orSleep}.`
				: `To get the result later, ${getRun} again or increase 'Time Limit'.`
		}`,
	};
}

function durationOf(milliseconds: number, sleeps: boolean): string {
	const fits = ([, size]: (typeof UNITS)[number]) => sleeps && milliseconds >= size;
	const [unit, size] = UNITS.find(fits) ?? ['minute', 60_000];
	const count = Number((milliseconds / size).toFixed(2));
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A run's status for a message; "unknown" if it isn't text. */
export function statusOf({ status }: DibbyRun, redact: Redactor): string {
	return typeof status === 'string' ? redact.quote(status, MAX_STATUS_CHARACTERS) : 'unknown';
}

/** A run's progress, for example "2 of 5 steps"; empty if Dibby doesn't report it. */
export function stepsOf({ steps, stepsCompleted }: DibbyRun): string {
	const isCounted = typeof steps === 'number' && typeof stepsCompleted === 'number';
	return isCounted ? `${stepsCompleted} of ${steps} steps` : '';
}
