import { sleep } from 'n8n-workflow';
import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { validateBaseUrl } from './baseUrl';
import { describeFailure, describeResponse, NO_RESPONSE } from './testResult';
import type { TestResponse } from './testResult';
import { NOT_IN_A_TOKEN, tokenOf } from './token';

/** Dibby documents no call that only checks a token, so the test requests a run that can't exist. */
const IMPOSSIBLE_RUN = '/runs/n8n-credential-test';

/** How long a user looks at the credential's dialog before giving up. */
const TIMEOUT_MS = 20_000;

/** Enough to recognize an API's short "not found"; the rest isn't read. */
const MAX_RESPONSE_BYTES = 64 * 1024;

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
	const problem = await findProblem(this, credential.data ?? {});
	return problem === undefined
		? { status: 'OK', message: 'Dibby accepted the token' }
		: { status: 'Error', message: problem };
}

/** @returns a message for the user, without any text from the server; undefined if Dibby accepted the token */
async function findProblem(
	{ helpers }: ICredentialTestFunctions,
	{ token, baseUrl }: Record<string, unknown>,
): Promise<string | undefined> {
	const invalidUrl = validateBaseUrl(baseUrl);
	if (invalidUrl !== undefined) return invalidUrl;
	const secret = tokenOf(token);
	if (secret === '') return "'Token' is empty. Copy the token from your Dibby account.";
	if (NOT_IN_A_TOKEN.test(secret)) {
		return "'Token' contains a character that isn't allowed. Copy the token again from your Dibby account.";
	}
	try {
		const request = helpers.request({
			method: 'GET',
			uri: `${String(baseUrl)
				.trim()
				.replace(/\/?\/$/, '')}${IMPOSSIBLE_RUN}`,
			headers: { Authorization: `Bearer ${secret}`, Accept: 'application/json' },
			timeout: TIMEOUT_MS,
			followRedirect: false,
			simple: false,
			useStream: true,
			resolveWithFullResponse: true,
		}) as Promise<StreamedResponse>;
		const response = await Promise.race([request.then(readResponse), sleep(TIMEOUT_MS)]);
		if (response !== undefined) return describeResponse(response);
		request.then(({ body }) => body.destroy()).catch(() => {});
		return NO_RESPONSE;
	} catch (error) {
		return describeFailure(error);
	}
}

async function readResponse({ statusCode, body }: StreamedResponse): Promise<TestResponse> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of body) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > MAX_RESPONSE_BYTES) break;
	}
	return { status: statusCode, text: Buffer.concat(chunks).toString('utf8') };
}
