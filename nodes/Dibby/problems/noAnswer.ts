import type { Problem } from '../errors';
import type { Failure } from '../run/failure';
import { LOOK_FIRST } from './words';

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
