import { startSandbox } from '../sandbox/dibby.cts';

/** What the sandbox received. */
export interface Seen {
	/** SHA-256 of the documents of all runs, in the order of the runs. */
	sha256: string[];
}

startSandbox({ stepMs: 1 }).then(
	(sandbox) => {
		process.on('message', () => {
			const documents = [...sandbox.runs.values()].map(({ inputs }) => inputs.document);
			const sha256 = documents.map((document) => (document as { sha256?: string })?.sha256 ?? '');
			process.send?.({ sha256 } satisfies Seen);
		});
		process.on('disconnect', () => process.exit(0));
		process.send?.({ url: sandbox.url, token: sandbox.token });
	},
	() => process.exit(1),
);
