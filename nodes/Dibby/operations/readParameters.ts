import { inputError, shorten } from '../errors';
import { splitList } from '../input/files';
import type { Completion, ItemContext, Source } from '../types';
import { DEFAULT_MAX_AGENT_RESULT, DEFAULT_MAX_PARALLEL_REQUESTS } from './completion';

/** A hundred years, because dates have an end. */
const MAX_LIMIT_MS = 100 * 365 * 86_400_000;

/** Reads a toggle. Expressions and agents often return the text "true". Throws a DibbyError for anything else. */
function readBoolean(label: string, value: unknown): boolean {
	const text = typeof value === 'object' ? '' : String(value).trim().toLowerCase();
	if (['true', 'false'].includes(text)) return text === 'true';
	throw inputError(
		`'${label}' must be true or false`,
		'Use the toggle, or make the expression return true or false.',
	);
}

/** Reads a number, which may be written as text. Throws a DibbyError with the texts for anything else. */
function readNumber(
	value: unknown,
	accepts: (number: number) => boolean,
	message: string,
	description: string,
): number {
	const isText = typeof value === 'string' && value.trim() !== '';
	const number = typeof value === 'number' || isText ? Number(value) : NaN;
	if (!accepts(number)) throw inputError(message, description);
	return number;
}

/** Reads one of several choices. Throws a DibbyError for another value, for example from an expression. */
export function readChoice<Choice extends string>(
	label: string,
	value: unknown,
	choices: readonly Choice[],
): Choice {
	const known = choices.find((choice) => choice === value);
	if (known !== undefined) return known;
	throw inputError(
		`'${label}' has an unsupported value: "${shorten(String(value))}"`,
		`Choose a value from the list, or make the expression return one of these: ${choices.join(', ')}.`,
	);
}

/** Reads the parameters that both operations share. Throws a DibbyError for a value that the node can't use. */
export function readCompletion(context: ItemContext): Completion {
	const parameter = (name: string, fallback: unknown) =>
		context.getNodeParameter(name, fallback) as unknown;
	const errorOrReturn = (label: string, value: unknown) =>
		readChoice(label, value ?? 'error', ['error', 'return']);
	// Options that the user didn't add are absent.
	const options = parameter('options', {}) as Record<string, unknown>;
	const waits = readBoolean('Wait for Completion', parameter('waitForCompletion', true));
	const output = waits
		? readChoice('Output', parameter('output', 'output'), ['run', 'output', 'fields'])
		: 'run';
	const whileWaiting = waits
		? readChoice('While Waiting', parameter('whileWaiting', 'active'), ['active', 'sleep'])
		: 'active';
	const sleeps = whileWaiting === 'sleep';
	return {
		waits,
		sleeps,
		timeLimitMs: waits ? readTimeLimit(context, sleeps) : Infinity,
		pollIntervalMs:
			1_000 *
			readNumber(
				options.pollInterval ?? 0,
				(seconds) => seconds >= 0,
				"'Check Every (Seconds)' must be 0 or a positive number",
				'Enter the number of seconds between checks, or 0 for an automatic interval.',
			),
		whenRunFails: errorOrReturn('When the Run Fails', options.whenRunFails),
		whenTimeRunsOut: errorOrReturn('When Time Runs Out', options.whenTimeRunsOut),
		outputOnly: output !== 'run',
		outputFields: output === 'fields' ? readNames(parameter('outputFields', '')) : undefined,
		keepSource:
			options.keepSource === undefined
				? undefined
				: readChoice('Keep Source', options.keepSource, ['json', 'binary', 'both'] as const),
		documentsAsFiles: readBoolean('Convert Documents to Files', options.documentsAsFiles ?? true),
		maxAgentResult: readNumber(
			options.agentAnswerLimit ?? DEFAULT_MAX_AGENT_RESULT,
			(characters) => Number.isInteger(characters) && characters >= 0,
			"'Max Result Length (Characters)' must be 0 or a positive whole number",
			'Enter how many characters of a result the agent receives, for example 2000, or 0 for no limit.',
		),
		maxParallelRequests: readNumber(
			options.requestsAtOnce ?? DEFAULT_MAX_PARALLEL_REQUESTS,
			(count) => Number.isInteger(count) && count > 0,
			"'Max Parallel Requests' must be a whole number above 0",
			'Enter how many requests the node sends to Dibby at the same time, for example 4.',
		),
	};
}

/** What 'Keep Source' keeps of an item. */
export function sourceOf(
	{ json, binary }: Source['item'],
	{ keepSource: keep }: Completion,
): Source | undefined {
	return keep && { item: keep === 'json' ? { json } : { json, binary }, keep };
}

function readNames(value: unknown): string[] {
	const names = splitList(String(value ?? ''));
	if (names.length > 0) return names;
	throw inputError(
		"'Fields' is empty",
		"Enter the names of the fields to output, for example vendor, total. To output all fields, set 'Output' to 'Workflow Output Only'.",
	);
}

function readTimeLimit(context: ItemContext, sleeps: boolean): number {
	const [name, unit, fallback, unitMs] = sleeps
		? (['timeLimitDays', 'days', 7, 86_400_000] as const)
		: (['timeLimit', 'minutes', 10, 60_000] as const);
	const limit = readNumber(
		context.getNodeParameter(name, fallback),
		(number) => number > 0 && number * unitMs <= MAX_LIMIT_MS,
		"'Time Limit' must be greater than 0 and at most 100 years",
		`Enter how many ${unit} to wait for the run, for example ${fallback}.`,
	);
	return limit * unitMs;
}
