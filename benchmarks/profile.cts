import { Session } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SAMPLE_MICROSECONDS = 200;
const OWN = join(__dirname, '..', 'dist', 'nodes', 'Dibby');

/** Whose code a processor's time was spent in. */
export const OWNERS = {
	own: 'the node itself (n8n’s own nodes: n8n-nodes-base)',
	workflow: 'n8n-workflow: parameters, expressions',
	core: 'n8n-core: engine, routing, requests',
	packages: 'packages that n8n uses: axios and others',
	runtime: 'Node.js: HTTP, sockets, streams, promises',
	garbage: 'Node.js: garbage collection',
	other: 'everything else: native code, this benchmark',
} as const;

/** Milliseconds of processor time by owner. */
export type Shares = Record<keyof typeof OWNERS, number>;

/** Takes samples of what the processor does while the work runs; who waits takes none. */
export async function profile(work: () => Promise<unknown>): Promise<Shares> {
	const session = new Session();
	session.connect();
	await session.post('Profiler.enable');
	await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_MICROSECONDS });
	await session.post('Profiler.start');
	await work();
	const taken = await session.post('Profiler.stop');
	session.disconnect();
	return shares(taken.profile);
}

/** Self time, by the file that a function is in; native functions count for whoever called them. */
function shares({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Shares {
	const owners = new Map<number, keyof Shares | undefined>();
	const byId = new Map(nodes.map((node) => [node.id, node]));
	const visit = (node: Profiler.ProfileNode, caller?: keyof Shares) => {
		const owner = ownerOf(node.callFrame, caller);
		owners.set(node.id, owner);
		for (const id of node.children ?? []) {
			const child = byId.get(id);
			if (child) visit(child, owner);
		}
	};
	// The first one is the root of all.
	if (nodes[0]) visit(nodes[0]);
	const sums = Object.fromEntries(Object.keys(OWNERS).map((name) => [name, 0])) as Shares;
	samples.forEach((id, index) => {
		const owner = owners.get(id);
		if (owner) sums[owner] += (timeDeltas[index] ?? 0) / 1000;
	});
	return sums;
}

function ownerOf(
	{ functionName, url }: Profiler.ProfileNode['callFrame'],
	caller?: keyof Shares,
): keyof Shares | undefined {
	if (functionName === '(idle)' || functionName === '(root)') return undefined;
	if (functionName === '(garbage collector)') return 'garbage';
	if (url === '') return caller ?? 'other';
	if (url.startsWith('node:')) return 'runtime';
	const file = url.startsWith('file:') ? fileURLToPath(url) : url;
	if (file.startsWith(OWN)) return 'own';
	const name = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1];
	if (name === 'n8n-nodes-base') return 'own';
	if (name === 'n8n-workflow') return 'workflow';
	if (name === 'n8n-core') return 'core';
	return name === undefined ? 'other' : 'packages';
}
