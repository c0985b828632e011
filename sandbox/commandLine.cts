import { parseArgs } from 'node:util';

import { UserError } from './editor/userError.cts';

const DEFAULT_PORT = 4010;
const SECONDS_OF_A_DAY = 86_400;

const USAGE = `npx tsx sandbox/main.cts                       a local Dibby at port ${DEFAULT_PORT}
npx tsx sandbox/main.cts --port N              at this port
npx tsx sandbox/main.cts --approve-after N     approves what waits for a person every N seconds, instead of with Enter`;

export interface CommandLine {
	/** 0 takes a free one. */
	port: number;
	/** Seconds; undefined where a person approves. */
	approveAfter: number | undefined;
}

/** @throws {UserError} an option that does not exist, or a number that is none */
export function readCommandLine(args: string[]): CommandLine {
	const values = parse(args);
	const port = readNumber('--port', values.port) ?? DEFAULT_PORT;
	if (!Number.isInteger(port) || port > 65_535)
		throw new UserError(`--port is ${port}, which is no port. Give a number from 0 to 65535.`);
	const approveAfter = readNumber('--approve-after', values['approve-after']);
	if (approveAfter === 0 || (approveAfter ?? 1) > SECONDS_OF_A_DAY)
		throw new UserError(
			`--approve-after is ${approveAfter}. Give a number of seconds above 0, at most ${SECONDS_OF_A_DAY}.`,
		);
	return { port, approveAfter };
}

function parse(args: string[]) {
	try {
		const options = { port: { type: 'string' }, 'approve-after': { type: 'string' } } as const;
		return parseArgs({ args, options }).values;
	} catch (error) {
		throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
	}
}

function readNumber(name: string, text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	// Number() alone takes "", "0x10" and "1e9" for numbers, too.
	if (!/^\d+(\.\d+)?$/.test(text))
		throw new UserError(`${name} is "${text}", which is no number.\n\n${USAGE}`);
	return Number(text);
}
