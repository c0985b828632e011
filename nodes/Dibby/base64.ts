/**
 * Converts base64 to its standard form (RFC 4648): adds missing padding, removes line breaks, replaces the URL alphabet.
 * The regular expressions repeat nothing, so that a text of any length takes linear time.
 *
 * @returns undefined if the text isn't base64
 */
export function standardBase64(text: string): string | undefined {
	const end = text.search(/[^A-Za-z0-9+/]/);
	const isStandard = end < 0 || ['=', '=='].includes(text.slice(end));
	if (text.length % 4 === 0 && isStandard) return text;
	const compact = text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/');
	const [digits = ''] = compact.split('=', 1);
	const isInvalid = /[^A-Za-z0-9+/]/.test(digits) || /[^=]/.test(compact.slice(digits.length));
	if (digits === '' || isInvalid || digits.length % 4 === 1) return undefined;
	return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=');
}
