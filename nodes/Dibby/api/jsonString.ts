/**
 * @param text what stands between the quotes of a JSON string
 * @returns undefined when it is not valid
 */
export function parseString(text: string): string | undefined {
	try {
		return String(JSON.parse(`"${text}"`));
	} catch {
		return undefined;
	}
}
