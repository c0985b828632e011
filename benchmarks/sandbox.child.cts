import { startSandbox } from '../sandbox/dibby.cts';

/** What the sandbox saw, for whoever measures. */
export interface Seen {
	maxInFlight: number;
	/** SHA-256 of the documents of all runs, in the order of the runs. */
	sha256: string[];
	/** When the request for the last run had arrived whole: milliseconds since 1970. */
	lastArrival: number;
}

startSandbox({ stepMs: 1 }).then(
	(sandbox) => {
		process.on('message', () => {
			const runs = [...sandbox.runs.values()];
			const documents = runs.map(({ inputs }) => inputs.document);
			const sha256 = documents.map((document) => (document as { sha256?: string })?.sha256 ?? '');
			const lastArrival = runs.at(-1)?.createdAt.getTime() ?? 0;
			const { maxInFlight } = sandbox;
			process.send?.({ maxInFlight, sha256, lastArrival } satisfies Seen);
		});
		// The one who started it may be gone: then nobody needs it.
		process.on('disconnect', () => process.exit(0));
		process.send?.({ url: sandbox.url, token: sandbox.token });
	},
	() => process.exit(1),
);
