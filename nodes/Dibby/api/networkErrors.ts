import type { ErrorDetails } from '../errors';
import { FETCH_LATER, LOOK_FIRST } from './responseErrors';
import type { Purpose } from './responseErrors';
import type { NetworkFailure } from './networkFailure';
import { quoteAnswer } from './serverText';
import type { Redactor } from './serverText';

const TEXTS: Readonly<Record<NetworkFailure['kind'], { message: string; advice: string }>> = {
	cancelled: { message: 'The execution was stopped', advice: '' },
	refused: {
		message: 'Dibby can not be reached',
		advice:
			'No connection could be made. Check the Base URL in the Dibby API credential, Proxy under Request Options in the settings, and the firewall of your n8n.',
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
	truncated: { message: 'The answer of Dibby broke off', advice: '' },
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

/** Trouble after which a run that exists can be fetched as before. */
const PASSING: ReadonlyArray<NetworkFailure['kind']> = ['timeout', 'closed', 'truncated'];

/** The error for a request that got no usable response. */
export function networkError(
	{ kind, delivered, detail, received = '' }: NetworkFailure,
	{ runId, inputs }: Purpose,
	redact: Redactor,
): ErrorDetails {
	const { message, advice } = TEXTS[kind];
	const outcomeUnknown = inputs !== undefined && delivered !== false;
	const isFetchedLater = runId !== undefined && PASSING.includes(kind);
	// A run's ID may be in what came of an answer that broke off.
	const words = outcomeUnknown ? quoteAnswer({ json: undefined, text: received }, redact) : '';
	const sentences = [
		// A certificate's words are a server's.
		detail && `n8n says: "${redact.quote(detail)}".`,
		outcomeUnknown && LOOK_FIRST,
		isFetchedLater && `Check your network. ${FETCH_LATER}`,
		((!outcomeUnknown && !isFetchedLater) || kind === 'timeout') && advice,
	];
	return {
		message: outcomeUnknown ? `${message}, and a run may have been started` : message,
		description: words + sentences.filter((sentence) => Boolean(sentence)).join(' '),
		outcomeUnknown,
		runId,
	};
}
