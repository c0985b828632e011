import { isToolCall } from '../items/engineLoop';
import type { Completion, ItemContext } from '../types';
import { DEFAULT_ANSWER_LIMIT, DEFAULT_REQUESTS_AT_ONCE } from './completion';
import { asChoice, asNumber, asSwitch } from './parameters';

/** A hundred years: dates have an end. */
const LONGEST_LIMIT_MS = 100 * 365 * 86_400_000;

/** The options as n8n stores them: those that the user did not add are absent. */
interface Options {
	agentAnswerLimit?: unknown;
	documentsAsFiles?: unknown;
	pollInterval?: unknown;
	requestsAtOnce?: unknown;
	whenRunFails?: unknown;
	whenTimeRunsOut?: unknown;
}

/**
 * Reads the parameters of completion.ts, once for each item.
 *
 * @throws DibbyError for a value that the node can't use; expressions and agents can give any
 */
export function readCompletion(context: ItemContext): Completion {
	const options = context.getNodeParameter('options', {}) as Options;
	const waits = asSwitch(
		'Wait for Completion',
		context.getNodeParameter('waitForCompletion', true),
	);
	const RUN_OR_ERROR = ['error', 'return'] as const;
	const sleeps = waits && context.getNodeParameter('whileWaiting', 'active') === 'sleep';
	return {
		waits,
		sleeps,
		canSleep: !isToolCall(context),
		timeLimitMs: waits ? readTimeLimit(context, sleeps) : Infinity,
		pollIntervalMs:
			1_000 *
			asNumber(
				options.pollInterval ?? 0,
				(seconds) => seconds >= 0,
				'Poll Interval must be a number of seconds, 0 or more',
				'Enter 0 for automatic, or the seconds between two polls.',
			),
		whenRunFails: asChoice('When the Run Fails', options.whenRunFails ?? 'error', RUN_OR_ERROR),
		whenTimeRunsOut: asChoice(
			'When Time Runs Out',
			options.whenTimeRunsOut ?? 'error',
			RUN_OR_ERROR,
		),
		outputOnly:
			waits &&
			asChoice('Output', context.getNodeParameter('output', 'output'), ['run', 'output']) ===
				'output',
		documentsAsFiles: asSwitch('Documents to Binary Fields', options.documentsAsFiles ?? true),
		agentAnswerLimit: asNumber(
			options.agentAnswerLimit ?? DEFAULT_ANSWER_LIMIT,
			(characters) => Number.isInteger(characters) && characters >= 0,
			'Longest Agent Answer must be a whole number, 0 or more',
			'Enter how many characters of a result the agent may get, for example 2000, or 0 for no limit.',
		),
		requestsAtOnce: asNumber(
			options.requestsAtOnce ?? DEFAULT_REQUESTS_AT_ONCE,
			(count) => Number.isInteger(count) && count > 0,
			'Requests at Once must be a whole number above zero',
			'Enter how many requests to Dibby may be under way at the same time, for example 4.',
		),
	};
}

function readTimeLimit(context: ItemContext, sleeps: boolean): number {
	const unitMs = sleeps ? 86_400_000 : 60_000;
	const value: unknown = sleeps
		? context.getNodeParameter('timeLimitDays', 7)
		: context.getNodeParameter('timeLimit', 10);
	const isPossible = (units: number) => units > 0 && units * unitMs <= LONGEST_LIMIT_MS;
	return (
		unitMs *
		asNumber(
			value,
			isPossible,
			'Time Limit must be a number above zero',
			`Enter how many ${sleeps ? 'days' : 'minutes'} to wait for the run, for example ${sleeps ? 7 : 10}.`,
		)
	);
}
