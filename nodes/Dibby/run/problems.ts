import type { Problem } from '../errors';
import type { DibbyRun } from '../types';
import type { Answer } from './exchange';
import type { Failure } from './failure';

/** What the user should know beside the answer itself. */
interface Circumstances {
	/** The run that was asked for. */
	runId?: string;
	/** What was sent, in words, when a run was to be started. */
	inputs?: string;
	/** True for the request that starts a run. */
	starting?: boolean;
}

const LOOK_FIRST =
	'A run may have been started. Look in Dibby for a run of this workflow at this time before you start it again: a second one would be paid for too.';

/** What the server says about an error, wherever it says it; the error's shape is not documented. */
function serverWords({ json, text }: Answer): string {
	const parts = (value: unknown): string[] => {
		if (typeof value === 'string') return [value];
		if (Array.isArray(value)) return value.flatMap(parts);
		if (typeof value !== 'object' || value === null) return [];
		const { message, error, errors, detail } = value as Record<string, unknown>;
		return [message, error, errors, detail].flatMap(parts);
	};
	const words = [...new Set(parts(json))].join('; ');
	// A proxy's page, or JSON without content, tells nobody anything.
	const saysNothing = /^\s*(<|\{\s*\}|\[\s*\])/.test(text);
	return words !== '' || saysNothing ? words : text.trim();
}

function quote(answer: Answer, redact: (text: string) => string): string {
	const words = redact(serverWords(answer));
	return words === '' ? '' : `Dibby says: "${words}". `;
}

/** The problem with an answer that is not a success. */
export function answerProblem(
	answer: Answer,
	redact: (text: string) => string,
	{ runId, inputs = '', starting = false }: Circumstances,
): Problem {
	const { status } = answer;
	const problem = (message: string, description: string): Problem => ({
		message,
		description: `${quote(answer, redact)}${description}`,
		httpStatus: status,
		...(runId === undefined ? {} : { runId }),
	});
	switch (status) {
		case 401:
			return problem(
				'Dibby did not accept the token',
				'Open the Dibby API credential, paste the token from your Dibby account again, and save it.',
			);
		case 403:
			return problem(
				'Dibby does not allow this with the token',
				'Check that the token belongs to the account that owns the workflow.',
			);
		case 404:
			return starting
				? problem(
						'Dibby does not know this workflow',
						"Check Workflow: open the workflow in Dibby and paste the page's address again. The token must belong to the same account.",
					)
				: problem(
						'Dibby does not know this run',
						'Check Run ID, and that the token belongs to the account in which the run was started.',
					);
		case 400:
		case 422:
			return problem(
				'Dibby did not accept the inputs',
				`Names and types must be exactly those of the workflow's Start Node. Sent: ${inputs}.`,
			);
		case 413:
			return problem(
				'The documents are too large for Dibby',
				`Send smaller files or fewer of them. Sent: ${inputs}.`,
			);
		case 429:
			return problem(
				'Dibby is receiving too many requests',
				'The node slowed down and tried again without success. Wait a while, lower Requests at Once in the options, or space the items with Batching in the settings.',
			);
		default:
			return unusualProblem(answer, problem, starting);
	}
}

function unusualProblem(
	{ status, location }: Answer,
	problem: (message: string, description: string) => Problem,
	starting: boolean,
): Problem {
	if (status >= 300 && status < 400) {
		const target =
			location !== undefined && URL.canParse(location)
				? new URL(location).origin
				: 'another address';
		return problem(
			'The Base URL redirects to another address',
			`It leads to ${target}. The node does not follow it, so that the token goes nowhere else. If you trust that address, enter it in the Dibby API credential.`,
		);
	}
	if (status === 503) {
		return problem(
			'Dibby is not available at the moment',
			'The node tried several times. Run it again later.',
		);
	}
	if (status >= 500) {
		return {
			...problem(
				`Dibby has a problem (HTTP ${status})`,
				starting ? LOOK_FIRST : 'Ask for the run again later.',
			),
			outcomeUnknown: starting,
		};
	}
	return problem(
		`Dibby refused the request (HTTP ${status})`,
		'Check the Base URL in the Dibby API credential and the parameters of the node.',
	);
}

/** The problem with an answer that is a success, but holds no run. */
export function notARunProblem(
	answer: Answer,
	redact: (text: string) => string,
	runId?: string,
): Problem {
	const what =
		answer.json === undefined ? 'something that is not JSON' : 'something that is not a run';
	const advice =
		runId === undefined
			? LOOK_FIRST
			: 'Check that the Base URL in the Dibby API credential is that of the API, https://dibby.ai/api.';
	return {
		message: `Dibby answered with ${what}`,
		description: `${quote(answer, redact)}${advice}`,
		httpStatus: answer.status,
		outcomeUnknown: runId === undefined,
		...(runId === undefined ? {} : { runId }),
	};
}

const FAILURES: Readonly<Record<Failure['kind'], { message: string; description: string }>> = {
	cancelled: { message: 'The execution was stopped', description: '' },
	refused: {
		message: 'Dibby can not be reached',
		description:
			'The connection was refused. Check the Base URL in the Dibby API credential, the proxy in the options, and the firewall of your n8n.',
	},
	unknownHost: {
		message: 'The address of Dibby is not known',
		description:
			'Check the Base URL in the Dibby API credential, and that your n8n has access to the internet.',
	},
	certificate: {
		message: 'The connection to Dibby is not secure',
		description:
			'The certificate was not accepted. Check the Base URL, or ask who runs your network.',
	},
	notAllowed: {
		message: 'n8n did not make the request to Dibby',
		description: 'Check the Dibby API credential: its Base URL, and the domains it is allowed for.',
	},
	timeout: {
		message: 'Dibby did not answer in time',
		description: 'For large files, raise Timeout under Request Options in the settings.',
	},
	closed: {
		message: 'The connection to Dibby broke off',
		description: 'Check your network and try again.',
	},
	truncated: {
		message: 'The answer of Dibby broke off',
		description: 'Check your network and try again.',
	},
	tooLarge: {
		message: 'The answer of Dibby is too large',
		description: 'It has more than 256 MB. Let the workflow give smaller or fewer documents.',
	},
	fileChanged: {
		message: 'A file changed while it was sent',
		description:
			'n8n said another size than the file has. Nothing was started. Run the node before this one again.',
	},
};

/**
 * The problem with a request that got no usable answer.
 *
 * @param runId the run that was asked for; without it, the request was one that starts a run
 */
export function failureProblem({ kind, delivered, detail }: Failure, runId?: string): Problem {
	const { message, description } = FAILURES[kind];
	const outcomeUnknown = runId === undefined && delivered !== false;
	const advice = outcomeUnknown ? LOOK_FIRST : description;
	const sentences = [detail && `n8n says: "${detail}".`, advice];
	return {
		message: outcomeUnknown ? `${message}, and a run may have been started` : message,
		description: sentences.filter((sentence) => Boolean(sentence)).join(' '),
		outcomeUnknown,
		...(runId === undefined ? {} : { runId }),
	};
}

/** The problem with a run that Dibby reports as failed. */
export function failedRunProblem(run: DibbyRun, redact: (text: string) => string): Problem {
	const { id, steps, stepsCompleted, output } = run;
	const progress =
		typeof steps === 'number' && typeof stepsCompleted === 'number'
			? ` after ${stepsCompleted} of ${steps} steps`
			: '';
	const words = quote(
		{ status: 200, text: '', json: output ?? { error: run.error, message: run.message } },
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
