import { jsonParse } from 'n8n-workflow';
import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { baseUrlOf, validateBaseUrl } from '../../../credentials/baseUrl';
import { NOT_IN_A_TOKEN, tokenOf } from '../../../credentials/token';
import { clock } from '../clock';
import { networkError } from './networkErrors';
import { networkFailureOf } from './networkFailure';
import { Redactor } from './redact';
import { responseError } from './responseErrors';

/** Dibby documents no call that only checks a token, so the test requests a run that can't exist. */
const IMPOSSIBLE_RUN = '/runs/n8n-credential-test';

/** An API reports that the run doesn't exist with one of these. */
const NO_SUCH_RUN: readonly number[] = [400, 404, 422];

/** How long a user looks at the credential's dialog before giving up. */
const TIMEOUT_MS = 20_000;

/** Enough to recognize an API's short "not found"; the rest isn't read. */
const MAX_RESPONSE_BYTES = 64 * 1024;

const CHECK_TOKEN = 'Copy the token from your Dibby account again.';
const CHECK_URL =
	"Check 'Base URL' (usually https://dibby.ai/api) and your n8n proxy settings, or test again later.";

/** The part of n8n's response that is used here. Node code can't import the stream's type. */
interface StreamedResponse {
	statusCode: number;
	body: AsyncIterable<Buffer> & { destroy: () => void };
}

/**
 * Tests a credential when somebody saves it: requests a run that can't exist. An API that reports it as missing has
 * accepted the token. A declarative credential test can't look at the response's body or explain a failed connection.
 */
export async function testDibbyApi(
	this: ICredentialTestFunctions,
	credential: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const problem = await findProblem(this.helpers, credential.data ?? {});
	return problem === undefined
		? { status: 'OK', message: 'Dibby accepted the token' }
		: { status: 'Error', message: problem };
}

/** @returns a message for the user, without any text from the server; undefined if Dibby accepted the token */
async function findProblem(
	helpers: ICredentialTestFunctions['helpers'],
	{ token, baseUrl }: Record<string, unknown>,
): Promise<string | undefined> {
	const invalidUrl = validateBaseUrl(baseUrl);
	if (invalidUrl !== undefined) return invalidUrl;
	const url = baseUrlOf(baseUrl);
	const secret = tokenOf(token);
	if (secret === '') return `'Token' is empty. ${CHECK_TOKEN}`;
	if (NOT_IN_A_TOKEN.test(secret)) {
		return `'Token' contains a character that isn't allowed. ${CHECK_TOKEN}`;
	}
	const context = { redact: new Redactor(), baseUrl: url };
	const explain = (error: unknown) =>
		`${networkError(networkFailureOf(error), false, context).message}. ${CHECK_URL}`;
	const request = helpers.request({
		method: 'GET',
		uri: url + IMPOSSIBLE_RUN,
		headers: { Authorization: `Bearer ${secret}`, Accept: 'application/json' },
		timeout: TIMEOUT_MS,
		followRedirect: false,
		simple: false,
		useStream: true,
		resolveWithFullResponse: true,
	}) as Promise<StreamedResponse>;
	const examined = request.then(async ({ statusCode: status, body }) => {
		const text = await readStart(body);
		if (isAccepted(status, text)) return undefined;
		const { message } = responseError({ status, text, json: undefined }, undefined, context);
		if ([401, 403].includes(status)) return `${message}. ${CHECK_TOKEN}`;
		const isOther = status < 300 || NO_SUCH_RUN.includes(status);
		return `${isOther ? "The server at 'Base URL' isn't the Dibby API" : message}. ${CHECK_URL}`;
	});
	const finished = new AbortController();
	const late = clock.watch(TIMEOUT_MS, finished.signal).then(() => explain({ code: 'ETIMEDOUT' }));
	return await Promise.race([examined.catch(explain), late]).finally(() => {
		finished.abort('finished');
		request.then(({ body }) => body.destroy()).catch(() => {});
	});
}

async function readStart(body: StreamedResponse['body']): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of body) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > MAX_RESPONSE_BYTES) break;
	}
	return Buffer.concat(chunks).toString('utf8');
}

/** Whether it is the response of an API, and not for example a web page, that accepted the token. */
function isAccepted(status: number, text: string): boolean {
	const json: unknown = jsonParse(text, { fallbackValue: null });
	const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
	return isObject && ((status >= 200 && status < 300) || NO_SUCH_RUN.includes(status));
}
