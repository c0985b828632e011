import { sleep } from 'n8n-workflow';
import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { validateBaseUrl } from './baseUrl';
import { describeAnswer, describeFailure, NO_ANSWER } from './testResult';
import type { TestAnswer } from './testResult';
import { NOT_IN_A_TOKEN, tokenOf } from './token';

/** Dibby documents no call that only checks a token, so the test gets a run that can't exist. */
const RUN_THAT_CANNOT_EXIST = '/runs/n8n-credential-test';

/** How long a person looks at the window of a credential before they give up. */
const LONGEST_WAIT_MS = 20_000;

/** More of an answer than this is never read: an API's "not found" is short. */
const LONGEST_ANSWER_BYTES = 64 * 1024;

/** The part of n8n's answer that is used here; node code may not import the type from `stream`. */
interface StreamedAnswer {
	statusCode: number;
	body: AsyncIterable<Buffer> & { destroy: () => void };
}

/**
 * Tests a Dibby API credential, when somebody saves it: gets a run that can't exist, and takes an API's
 * answer to that as a sign that the token was accepted.
 *
 * A credential's own `test` can't look at the kind of the answer, nor put a failed connection into words, and in
 * n8n 1.x can't tell one status from another: so the node has this function, and names it with `testedBy`.
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

/** @returns a sentence for the user, without a word of the server's; undefined when Dibby accepted the token */
async function findProblem(
	{ helpers }: ICredentialTestFunctions,
	{ token, baseUrl }: Record<string, unknown>,
): Promise<string | undefined> {
	const wrongUrl = validateBaseUrl(baseUrl);
	if (wrongUrl !== undefined) return wrongUrl;
	const secret = tokenOf(token);
	if (secret === '') return 'Token is empty. Copy it from your Dibby account.';
	if (NOT_IN_A_TOKEN.test(secret)) {
		return 'Token has a character that no token has. Copy it again from your Dibby account.';
	}
	try {
		const request = helpers.request({
			method: 'GET',
			uri: `${String(baseUrl).trim().replace(/\/+$/, '')}${RUN_THAT_CANNOT_EXIST}`,
			headers: { Authorization: `Bearer ${secret}`, Accept: 'application/json' },
			timeout: LONGEST_WAIT_MS,
			// The token follows no redirect, and every status is an answer.
			followRedirect: false,
			simple: false,
			useStream: true,
			resolveWithFullResponse: true,
		}) as Promise<StreamedAnswer>;
		const answer = await Promise.race([request.then(readAnswer), sleep(LONGEST_WAIT_MS)]);
		if (answer !== undefined) return describeAnswer(answer);
		// Whatever still comes is not read.
		request.then(({ body }) => body.destroy()).catch(() => {});
		return NO_ANSWER;
	} catch (error) {
		return describeFailure(error);
	}
}

async function readAnswer({ statusCode, body }: StreamedAnswer): Promise<TestAnswer> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of body) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > LONGEST_ANSWER_BYTES) break;
	}
	return { status: statusCode, text: Buffer.concat(chunks).toString('utf8') };
}
