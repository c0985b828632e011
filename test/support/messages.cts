import type { JobResult } from './engine.cts';

/** An error as the user reads it: message and description, without anything that differs between executions. */
export function textOf(
	{ error, items }: Pick<JobResult, 'items'> & Partial<JobResult>,
	runIds: string[],
) {
	const shown = error ?? (items[0]?.json.error as Partial<Error> | undefined);
	const { message, description } = shown as { message: string; description: string };
	let text = `${message}\n${description}`;
	runIds.forEach((id, n) => {
		text = text.replaceAll(id, `run_${n + 1}`);
	});
	return (
		text
			.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1')
			// Some versions of n8n name the URL instead of the host.
			.replace(/(?<=accessing )http:\/\/([\d.]+)\/\S+(?=\. )/, '$1')
			.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-01-01T00:00:00.000Z')
			.replace(/^.* in JSON at position [^.]*/m, '(what is wrong)')
	);
}
