import { parseArgs, type ParseArgsConfig } from 'node:util';
import { DEFAULT_N8N_VERSION } from './paths.cts';
import { UserError } from './userError.cts';

export const DEFAULT_PORT = 5678;
export const DEFAULT_SANDBOX_PORT = 4010;

export interface StartOptions {
	n8nVersion: string;
	/** Undefined: 5678, or the next free one. */
	port: number | undefined;
	/** Undefined: 4010, or the next free one. */
	sandboxPort: number | undefined;
	help: boolean;
}

export const USAGE = `Opens an n8n with the Dibby node in it, beside a sandbox that plays Dibby.

  npm start                          everything, at http://localhost:${DEFAULT_PORT}
  npm start -- --n8n-version X       with another n8n (default ${DEFAULT_N8N_VERSION})
  npm start -- --port N              n8n on this port
  npm start -- --sandbox-port N      the sandbox on this port (default ${DEFAULT_SANDBOX_PORT})
  npm run dev                        the same, and every change of the node's code is in n8n a moment later`;

/** @throws {UserError} an option that does not exist, or a port that is none */
export function readOptions(args: string[]): StartOptions {
	const values = parseOrExplain(args, USAGE, {
		'n8n-version': { type: 'string' },
		port: { type: 'string' },
		'sandbox-port': { type: 'string' },
		help: { type: 'boolean', short: 'h' },
	});
	return {
		n8nVersion: values['n8n-version'] ?? DEFAULT_N8N_VERSION,
		port: readPort('--port', values.port),
		sandboxPort: readPort('--sandbox-port', values['sandbox-port']),
		help: values.help ?? false,
	};
}

/** @throws {UserError} with the usage, for an option that does not exist */
export function parseOrExplain<Options extends NonNullable<ParseArgsConfig['options']>>(
	args: string[],
	usage: string,
	options: Options,
): ReturnType<typeof parseArgs<{ options: Options }>>['values'] {
	try {
		return parseArgs({ args, options }).values;
	} catch (error) {
		throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
	}
}

/** @throws {UserError} for a port that is none */
export function readPort(name: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const port = Number(text);
	if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
	throw new UserError(`${name} is "${text}", which is no port. Give a number from 1 to 65535.`);
}
