/**
 * Converts base64 to its standard form (RFC 4648): adds missing padding, removes line breaks, replaces the URL alphabet.
 * No regular expression repeats a group or a class, so that any length takes linear time and little memory.
 *
 * @returns undefined if the text isn't base64
 */
export function standardBase64(text: string): string | undefined {
	const end = text.search(/[^A-Za-z0-9+/]/);
	const isStandard = end < 0 || ['=', '=='].includes(text.slice(end));
	if (text.length % 4 === 0 && isStandard) return text;
	const compact = text.replace(/\s/g, '');
	const padding = compact.indexOf('=');
	const digits = padding < 0 ? compact : compact.slice(0, padding);
	const isInvalid = /[^\w+/-]/.test(digits) || /[^=]/.test(compact.slice(digits.length));
	if (digits === '' || isInvalid || digits.length % 4 === 1) return undefined;
	const standard = digits.replaceAll('-', '+').replaceAll('_', '/');
	return standard.padEnd(Math.ceil(digits.length / 4) * 4, '=');
}

/** Number of bytes that a standard base64 text encodes. */
export function decodedBytes(base64: string): number {
	const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
	return (base64.length / 4) * 3 - padding;
}
