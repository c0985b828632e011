import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import getPort, { portNumbers } from 'get-port';
import { lock } from 'proper-lockfile';
import { approveOnEnter, describeSandbox } from '../console.cts';
import { startSandbox } from '../dibby.cts';
import type { Sandbox } from '../dibby.cts';
import { N8nClient, OWNER, type StoredWorkflow } from './client.cts';
import { importExamples } from './examples.cts';
import { installN8n } from './install.cts';
import { packProject } from './pack.cts';
import { DEFAULT_N8N_VERSION, SANDBOX_PORT } from './paths.cts';
import { stopAll } from './processes.cts';
import { say, step } from './progress.cts';
import { type N8nOptions, type RunningN8n, startN8n } from './server.cts';
import { hasCode, UserError } from './userError.cts';

const N8N_PORT = 5678;

/** Runs with one click, without other accounts. */
const FIRST_EXAMPLE = /email attachments/;

const USAGE = `npm start [-- options]: opens an n8n with the Dibby node, and a local Dibby
  --n8n-version X    another n8n than ${DEFAULT_N8N_VERSION}
  --port N           n8n's port (default ${N8N_PORT}, or the next free one)
  --sandbox-port N   the local Dibby's port (default ${SANDBOX_PORT}, or the next free one)`;

/**
 * Everything that `npm start` does until n8n is ready.
 *
 * @throws {UserError} what has to be fixed first
 */
export async function open(more: Pick<N8nOptions, 'env' | 'onLine'> = {}): Promise<RunningN8n> {
	const values = readOptions();
	const port = await choosePort(values.port, N8N_PORT);
	const sandboxPort = await choosePort(values['sandbox-port'], SANDBOX_PORT);
	const install = await installN8n(values['n8n-version']);
	const userFolder = path.join(install.users, 'start');
	mkdirSync(userFolder, { recursive: true });
	await lock(userFolder).catch((error: unknown) => {
		if (!hasCode(error, 'ELOCKED')) throw error;
		throw new UserError('This n8n is already open. Use it, or stop it with Ctrl-C.');
	});
	const { tarball } = await step('Building the node', 'about 10 seconds', packProject);
	const sandbox = await startSandbox({ port: sandboxPort });
	const { n8n, examples } = await step('Starting n8n', 'about 15 seconds', async () => {
		const options = { install, port, userFolder, packageTarball: tarball, ...more };
		const n8n = await startN8n(options);
		const client = new N8nClient(n8n.url);
		await client.logIn();
		const data = { baseUrl: sandbox.url, token: sandbox.token };
		const credential = await client.putCredential('Dibby sandbox', 'dibbyApi', data);
		return { n8n, examples: await importExamples(client, credential) };
	});
	say(welcome(n8n, sandbox, examples));
	approveOnEnter(sandbox);
	void n8n.ended.then(({ stopped }) => {
		if (!stopped) throw new UserError(`n8n has ended. Its last lines:\n${n8n.logs().slice(-3000)}`);
	});
	return n8n;
}

function readOptions() {
	const string = { type: 'string' } as const;
	try {
		const options = { 'n8n-version': string, port: string, 'sandbox-port': string };
		return parseArgs({ options }).values;
	} catch (error) {
		throw new UserError(`${(error as Error).message}\n\n${USAGE}`);
	}
}

/** @throws {UserError} the requested port is taken */
async function choosePort(requested: string | undefined, usual: number): Promise<number> {
	if (requested === undefined) return await getPort({ port: portNumbers(usual, usual + 19) });
	const port = Number(requested);
	if ((await getPort({ port })) === port) return port;
	throw new UserError(`Port ${port} is taken. Stop what uses it, or choose another port.`);
}

function welcome({ url, install }: RunningN8n, sandbox: Sandbox, examples: StoredWorkflow[]) {
	const local = url.replace('127.0.0.1', 'localhost');
	const first = examples.find(({ name }) => FIRST_EXAMPLE.test(name)) ?? examples[0];
	return [
		'',
		describeSandbox(sandbox),
		'',
		`n8n ${install.version} with the Dibby node: ${local}`,
		`  Email     ${OWNER.email}`,
		`  Password  ${OWNER.password}`,
		'Example workflows (credential "Dibby sandbox")',
		...examples.map(({ name, id }) => `  ${name}\n    ${local}/workflow/${id}`),
		'',
		`Open "${first?.name}" and click "Execute workflow".`,
		'Press Enter to approve the runs that wait for a person, and Ctrl-C to stop.',
		'',
	].join('\n');
}

/** Runs a command; if it fails, prints why and stops what was started. */
export function runCommand(main: () => Promise<unknown>): void {
	const fail = (error: unknown) => {
		console.error(error instanceof UserError ? `\n${error.message}` : error);
		void stopAll().finally(() => process.exit(1));
	};
	process.once('unhandledRejection', fail);
	main().catch(fail);
}
