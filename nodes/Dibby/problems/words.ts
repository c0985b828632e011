import type { Answer } from '../run/exchange';

/** The advice whenever nobody knows whether a run was started. */
export const LOOK_FIRST =
	'A run may have been started. Look in Dibby for a run of this workflow at this time before you start it again: a second one would be paid for too.';

/** What the server says about an error, wherever it says it; the error's shape is not documented. */
function serverWords({ json, text }: Pick<Answer, 'json' | 'text'>): string {
	const parts = (value: unknown): string[] => {
		if (typeof value === 'string') return [value];
		if (Array.isArray(value)) return value.flatMap(parts);
		if (typeof value !== 'object' || value === null) return [];
		const { message, error, errors, detail } = value as Record<string, unknown>;
		return [message, error, errors, detail].flatMap(parts);
	};
	const words = [...new Set(parts(json))].join('; ');
	// A proxy's page, or JSON without content, tells nobody anything.
	const saysNothing = /^\s*(<|\{\s*\}|\[\s*\])/.test(text);
	return words !== '' || saysNothing ? words : text.trim();
}

/** The server's words as a sentence of a description, made fit to be shown; empty when it said nothing. */
export function quote(
	answer: Pick<Answer, 'json' | 'text'>,
	redact: (text: string) => string,
): string {
	const words = redact(serverWords(answer));
	return words === '' ? '' : `Dibby says: "${words}". `;
}
