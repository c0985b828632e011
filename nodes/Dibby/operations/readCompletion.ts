import type { Completion, ItemContext } from '../types';
import { DEFAULT_ANSWER_LIMIT, DEFAULT_REQUESTS_AT_ONCE } from './completion';
import { asChoice, asNumber, asSwitch } from './parameters';

/** A hundred years: dates have an end. */
const LONGEST_LIMIT_MS = 100 * 365 * 86_400_000;

/** What the node does about a run that failed, or is late. */
const RUN_OR_ERROR = ['error', 'return'] as const;

/**
 * Reads the parameters of completion.ts, once for each item.
 *
 * @throws DibbyError for a value that the node can't use; expressions and agents can give any
 */
export function readCompletion(context: ItemContext, isToolCall: boolean): Completion {
	// Those that the user did not add are absent.
	const options = context.getNodeParameter('options', {}) as Record<string, unknown>;
	const waits = asSwitch(
		'Wait for Completion',
		context.getNodeParameter('waitForCompletion', true),
	);
	const sleeps = waits && context.getNodeParameter('whileWaiting', 'active') === 'sleep';
	return {
		waits,
		sleeps,
		canSleep: !isToolCall,
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
		outputOnly: waits && readOutput(context) === 'output',
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
	const [name, units, usual, unitMs] = sleeps
		? (['timeLimitDays', 'days', 7, 86_400_000] as const)
		: (['timeLimit', 'minutes', 10, 60_000] as const);
	const limit = asNumber(
		context.getNodeParameter(name, usual),
		(number) => number > 0 && number * unitMs <= LONGEST_LIMIT_MS,
		'Time Limit must be a number above zero, and at most a hundred years',
		`Enter how many ${units} to wait for the run, for example ${usual}.`,
	);
	return limit * unitMs;
}

function readOutput(context: ItemContext): 'run' | 'output' {
	return asChoice('Output', context.getNodeParameter('output', 'output'), ['run', 'output']);
}
