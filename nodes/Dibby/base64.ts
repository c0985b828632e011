/**
 * Turns base64 into the form of RFC 4648. Accepts line breaks, missing padding, and the URL alphabet, which some
 * programs write.
 *
 * @returns undefined for anything else
 */
export function standardBase64(text: string): string | undefined {
	if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
	// Not /=+$/, which takes quadratic time for many padding characters in the middle.
	const [padded = '', rest = ''] = text.replace(/\s+/g, '').split(/=+/, 2);
	const bare = padded.replaceAll('-', '+').replaceAll('_', '/');
	if (rest !== '' || !/^[A-Za-z0-9+/]+$/.test(bare) || bare.length % 4 === 1) return undefined;
	return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

/** Number of bytes that a standard base64 text encodes. */
export function decodedBytes(base64: string): number {
	const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
	return (base64.length / 4) * 3 - padding;
}
