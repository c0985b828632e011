import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { Seen } from './sandbox.child.cts';

/** A sandbox whose time and memory are not the measured process's. */
export interface SandboxProcess {
	url: string;
	token: string;
	/** What it saw so far. */
	look: () => Promise<Seen>;
	stop: () => void;
}

/** Starts a sandbox on a free port in a process of its own. It ends with this process, whatever happens here. */
export async function startSandboxProcess(): Promise<SandboxProcess> {
	const child = fork(join(__dirname, 'sandbox.child.cts'), [], { execArgv: ['-r', 'tsx/cjs'] });
	const [{ url, token }] = (await once(child, 'message')) as [{ url: string; token: string }];
	return {
		url,
		token,
		look: async () => {
			const answer = once(child, 'message');
			child.send('look');
			return ((await answer) as [Seen])[0];
		},
		stop: () => child.disconnect(),
	};
}
