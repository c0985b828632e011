import type { Problem } from '../errors';
import type { Answer } from '../run/exchange';
import { LOOK_FIRST, quote } from './words';

/** What the user should know beside the answer itself. */
interface Circumstances {
	/** The run that was asked for. */
	runId?: string;
	/** What was sent, in words, when a run was to be started. */
	inputs?: string;
	/** True for the request that starts a run. */
	starting?: boolean;
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
