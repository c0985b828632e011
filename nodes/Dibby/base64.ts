/**
 * Base64 as RFC 4648 writes it. Line breaks, missing padding and the URL alphabet, which some programs leave in it,
 * are put right.
 *
 * @returns undefined for anything else
 */
export function standardBase64(text: string): string | undefined {
	if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return text;
	const bare = text
		.replace(/\s+/g, '')
		.replace(/=+$/, '')
		.replaceAll('-', '+')
		.replaceAll('_', '/');
	if (!/^[A-Za-z0-9+/]+$/.test(bare) || bare.length % 4 === 1) return undefined;
	return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

/** How many bytes a standard base64 text stands for. */
export function decodedBytes(base64: string): number {
	const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
	return (base64.length / 4) * 3 - padding;
}
