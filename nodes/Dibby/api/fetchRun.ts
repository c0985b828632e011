import { clock } from '../clock';
import { DibbyError, inputError } from '../errors';
import type { DibbyRun } from '../types';
import { exchangeError } from './networkErrors';
import { exchange } from './request';
import type { Connection } from './request';
import { isSuccess, runIn } from './response';
import type { Exchange } from './response';
import { MAX_ATTEMPTS, sendWithRetry } from './retry';

/** A run, and when its time limit began, on the node's clock. */
export interface SeenRun {
	run: DibbyRun;
	since: number;
	/** Why the last attempt to get the run failed, if an earlier state is returned. */
	problem?: string;
}

/** How long to try to get a run. */
export interface FetchLimits {
	/** In milliseconds; Infinity for a fixed number of attempts. */
	timeLimitMs: number;
	/** When the time limit began, on the node's clock; with the first request if left out. */
	since?: number;
	/** The run as it was last seen: returned if the time limit passes while Dibby can't be reached. */
	latest?: DibbyRun;
	/** Whether the run surely exists. Right after its start, a 404 can be replication lag. */
	isKnown?: boolean;
}

/** Statuses that say nothing about the run: a gateway gave up, or asks for patience. */
const PASSING_STATUSES: readonly number[] = [304, 408, 425, 429, 499];

/** How long a poll at the time limit may take. The run may have ended just before. */
const MIN_TIME_MS = 10_000;

const PERMANENT_FAILURES = ['cancelled', 'certificate', 'notAllowed', 'tooLarge'];

/**
 * Encodes a run's ID for use in a URL, so that it can't lead to another resource.
 *
 * @throws DibbyError for an ID that can't be encoded safely
 */
function encodeRunId(runId: string): string {
	// `.` and `..` would change the path even if they were encoded.
	if (/^\.+$/.test(runId) || /\p{Surrogate}/u.test(runId)) {
		throw inputError(
			"'Run ID' doesn't contain a valid run ID",
			"Use the ID that 'Trigger Run' returned, for example {{ $json.dibbyRunId }}.",
		);
	}
	return encodeURIComponent(runId);
}

/**
 * Gets a run. A GET is harmless, so it is retried after every failure that can pass: until the time limit if there is
 * one, else a few times.
 *
 * @returns the run, or its latest state if the time limit ends while Dibby can't be reached; undefined if the node was
 *   stopped before the item's turn came
 * @throws DibbyError
 */
export async function fetchRun(
	connection: Connection,
	runId: string,
	{ timeLimitMs, latest, isKnown = latest !== undefined, ...limits }: FetchLimits,
): Promise<SeenRun | undefined> {
	const { documents } = connection;
	const path = `/runs/${encodeRunId(runId)}`;
	let { since = Infinity } = limits;
	let notFound = 0;
	const deadline = () => since + timeLimitMs;
	const seen = await sendWithRetry<SeenRun>(connection, {
		purpose: 'get',
		deadline,
		send: async () => {
			since = Math.min(since, clock.now());
			const maxTimeMs = Math.max(MIN_TIME_MS, deadline() - clock.now());
			return await exchange(connection, { method: 'GET', path, maxTimeMs });
		},
		shouldRetry: (result, attempt) => {
			if (isKnown && result.response?.status === 404) return ++notFound < MAX_ATTEMPTS;
			const isLimited = Number.isFinite(timeLimitMs) || attempt < MAX_ATTEMPTS;
			return canPass(result, runId) && isLimited;
		},
		conclude: (result) => {
			const run = ownRunIn(result, runId);
			if (run !== undefined) {
				if (typeof documents === 'object') documents.keep();
				return { run, since };
			}
			const error = exchangeError(result, undefined, connection.credential);
			// Only the time limit ended the attempts.
			if (latest !== undefined && canPass(result, runId))
				return { run: latest, since, problem: error.message };
			throw new DibbyError(error);
		},
	});
	const isTimeUp = seen === undefined && !connection.stopped.aborted;
	return isTimeUp && latest !== undefined ? { run: latest, since } : seen;
}

/** The run in a response, if it's the one that was asked for. Some servers normalize the case of IDs. */
function ownRunIn(result: Exchange, runId: string): DibbyRun | undefined {
	const run = runIn(result);
	return run?.id.toLowerCase() === runId.toLowerCase() ? { ...run, id: runId } : undefined;
}

/** Whether waiting can help. A rejected token, an unknown run, or a redirect stay what they are. */
function canPass(result: Exchange, runId: string): boolean {
	const { response, failure } = result;
	if (failure !== undefined) return !PERMANENT_FAILURES.includes(failure.kind);
	// Another run's response can be a proxy's mistake.
	if (isSuccess(response)) return ownRunIn(result, runId) === undefined;
	return PASSING_STATUSES.includes(response.status) || response.status >= 500;
}
