import { startSandbox } from '../dibby.cts';
import { choosePort, type Editor, startEditor, startFolder, welcome } from './editor.cts';
import { installN8n } from './install.cts';
import { tryLock } from './lock.cts';
import { DEFAULT_PORT, DEFAULT_SANDBOX_PORT, readOptions, USAGE } from './options.cts';
import { packProject } from './pack.cts';
import { stopAll } from './processes.cts';
import { step } from './progress.cts';
import { printable, UserError } from './userError.cts';

export interface OpenOptions {
	/** More environment variables for n8n. */
	env?: Record<string, string>;
	/** Called with each line that n8n prints. */
	onLine?: (line: string) => void;
}

/**
 * The whole of `npm start` up to the address: ports, n8n, the packed node, the sandbox, the editor.
 * @returns undefined when only help was asked for
 * @throws {UserError} what is in the way
 */
export async function open(args: string[], more: OpenOptions = {}): Promise<Editor | undefined> {
	const options = readOptions(args);
	if (options.help) {
		console.log(USAGE);
		return undefined;
	}
	const port = await choosePort(options.port, DEFAULT_PORT, '--port');
	const sandboxPort = await choosePort(options.sandboxPort, DEFAULT_SANDBOX_PORT, '--sandbox-port');
	const install = await installN8n({ version: options.n8nVersion });
	const userFolder = startFolder(install);
	const lock = tryLock(`${userFolder}.lock`);
	if (typeof lock === 'number') {
		throw new UserError(
			`This n8n is open already (process ${lock}). Use it, or stop that one with Ctrl-C.`,
		);
	}
	const packed = await step('Building and packing the node', 'about 10 seconds', packProject);
	const sandbox = await startSandbox({ port: sandboxPort });
	const editor = await step(
		'Starting n8n',
		'about 15 seconds',
		async () =>
			await startEditor({
				install,
				port,
				userFolder,
				packageTarball: packed.tarball,
				dibby: { baseUrl: sandbox.url, token: sandbox.token },
				...more,
			}),
	);
	console.log(welcome(editor, sandbox.url));
	void editor.n8n.ended.then(({ code, asked }) => {
		if (asked) return;
		const last = editor.n8n.logs().split('\n').slice(-25).join('\n');
		throw new UserError(`n8n has ended by itself (exit code ${code}). Its last lines:\n${last}`);
	});
	return editor;
}

/** Runs a command's main function; a failure ends what was started, and is printed. */
export function runCommand(main: () => Promise<unknown>): void {
	const fail = (error: unknown) => {
		console.error(`\n${printable(error)}`);
		void stopAll().finally(() => process.exit(1));
	};
	process.once('unhandledRejection', fail);
	main().catch(fail);
}
