import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** A sandbox whose time and memory are not the measured process's. */
export interface SandboxProcess {
	url: string;
	token: string;
	stop: () => void;
}

/** Starts `npm run sandbox` on a free port in a process of its own. */
export async function startSandboxProcess(): Promise<SandboxProcess> {
	const script = join(__dirname, '..', 'sandbox', 'main.cts');
	const child = spawn(process.execPath, ['-r', 'tsx/cjs', script, '--port', '0'], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	let output = '';
	const url = await new Promise<string>((resolve, reject) => {
		child.once('close', () => reject(new Error('The sandbox ended')));
		child.stdout.on('data', (chunk: Buffer) => {
			output = (output + chunk.toString()).slice(-5000);
			const [, found] = /Base URL\s+(\S+)/.exec(output) ?? [];
			if (found !== undefined) resolve(found);
		});
	});
	return { url, token: 'sandbox-token', stop: () => child.kill() };
}
