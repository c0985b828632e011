import type { ErrorDetails } from '../errors';
import { LOOK_FIRST } from './responseErrors';
import type { Purpose } from './responseErrors';
import type { NetworkFailure } from './networkFailure';

const TEXTS: Readonly<Record<NetworkFailure['kind'], { message: string; advice: string }>> = {
	cancelled: { message: 'The execution was stopped', advice: '' },
	refused: {
		message: 'Dibby can not be reached',
		advice:
			'The connection was refused. Check the Base URL in the Dibby API credential, the proxy in the options, and the firewall of your n8n.',
	},
	unknownHost: {
		message: 'The address of Dibby is not known',
		advice:
			'Check the Base URL in the Dibby API credential, and that your n8n has access to the internet.',
	},
	certificate: {
		message: 'The connection to Dibby is not secure',
		advice: 'The certificate was not accepted. Check the Base URL, or ask who runs your network.',
	},
	notAllowed: {
		message: 'n8n did not make the request to Dibby',
		advice: 'Check the Dibby API credential: its Base URL, and the domains it is allowed for.',
	},
	timeout: {
		message: 'Dibby did not answer in time',
		advice: 'For large files, raise Timeout under Request Options in the settings.',
	},
	closed: {
		message: 'The connection to Dibby broke off',
		advice: 'Check your network and try again.',
	},
	halfSent: {
		message: 'The files could not be sent to Dibby',
		advice:
			'Nothing was started: the connection broke off, or the time-out passed, before all was sent. Check your network and try again. For large files, raise Timeout under Request Options in the settings.',
	},
	truncated: {
		message: 'The answer of Dibby broke off',
		advice: 'Check your network and try again.',
	},
	tooLarge: {
		message: 'The answer of Dibby is too large',
		advice:
			'It has more than 256 MB, without the documents that n8n stores. Let the workflow give less, or set n8n to store files instead of keeping them in memory.',
	},
	fileChanged: {
		message: 'A file changed while it was sent',
		advice:
			'n8n no longer has it, or has it with another size than it said. Nothing was started. Run the node before this one again.',
	},
};

/** The error for a request that got no usable response. */
export function networkError(
	{ kind, delivered, detail }: NetworkFailure,
	{ runId, inputs }: Purpose,
): ErrorDetails {
	const { message, advice } = TEXTS[kind];
	const outcomeUnknown = inputs !== undefined && delivered !== false;
	const sentences = [
		detail && `n8n says: "${detail}".`,
		outcomeUnknown && LOOK_FIRST,
		(!outcomeUnknown || kind === 'timeout') && advice,
	];
	return {
		message: outcomeUnknown ? `${message}, and a run may have been started` : message,
		description: sentences.filter((sentence) => Boolean(sentence)).join(' '),
		outcomeUnknown,
		runId,
	};
}
