import path from 'node:path';
import getPort, { portNumbers } from 'get-port';
import { N8nClient, OWNER, type StoredCredential } from './client.cts';
import { type ImportedExample, importExamples } from './examples.cts';
import type { Installed } from './install.cts';
import { UserError } from './userError.cts';
import { type N8nOptions, type RunningN8n, startN8n } from './server.cts';

export const CREDENTIAL_TYPE = 'dibbyApi';
export const CREDENTIAL_NAME = 'Dibby sandbox';

/** What most people come for, and it runs with one click: no account, no key. */
const FIRST_EXAMPLE = 'email-attachments-to-table.json';

/** An n8n that someone can open and work in: owner, credential and examples are there. */
export interface Editor {
	n8n: RunningN8n;
	client: N8nClient;
	credential: StoredCredential;
	examples: ImportedExample[];
}

/** Starts n8n with a package in it, and makes the owner, the Dibby credential and the example workflows. */
export async function startEditor(
	options: N8nOptions & { dibby: { baseUrl: string; token: string } },
): Promise<Editor> {
	const n8n = await startN8n(options);
	const client = new N8nClient(n8n.url);
	await client.logIn();
	const { baseUrl, token } = options.dibby;
	const credential = await client.putCredential(CREDENTIAL_NAME, CREDENTIAL_TYPE, {
		baseUrl,
		token,
	});
	const examples = await importExamples(client, credential, n8n.userFolder);
	return { n8n, client, credential, examples };
}

/** The folder of the n8n that `npm start` opens: its user's own workflows stay there from start to start. */
export function startFolder(install: Installed): string {
	return path.join(install.folders.users, 'start');
}

/**
 * A port that was asked for, or the usual one, or a free one near it.
 * @throws {UserError} the one that was asked for is taken
 */
export async function choosePort(
	asked: number | undefined,
	usual: number,
	option: string,
): Promise<number> {
	const free = await getPort({ port: asked ?? portNumbers(usual, usual + 19) });
	if (asked === undefined || free === asked) return free;
	throw new UserError(
		`Port ${asked} is taken by another program. Stop that one, or give another port with ${option}.`,
	);
}

/** What to read once everything runs. */
export function welcome(editor: Editor, sandboxUrl: string): string {
	const { n8n, examples } = editor;
	const url = n8n.url.replace('127.0.0.1', 'localhost');
	const first = examples.find(({ file }) => file === FIRST_EXAMPLE) ?? examples[0];
	const open = first
		? `Open "${first.workflow.name}" and click "Execute workflow".`
		: 'Click "Start from scratch", then "+", and search for "Dibby".';
	return [
		'',
		`n8n ${n8n.install.version} with the Dibby node:  ${url}`,
		`  log in with   ${OWNER.email}`,
		`  password      ${OWNER.password}`,
		`Dibby sandbox:  ${sandboxUrl} (credential "${CREDENTIAL_NAME}" in n8n)`,
		...(examples.length > 0 ? ['Example workflows:'] : []),
		...examples.map((one) => `  ${one.workflow.name}\n    ${url}/workflow/${one.workflow.id}`),
		'',
		`What next: ${open}`,
		'Ctrl-C stops everything.',
		'',
	].join('\n');
}
