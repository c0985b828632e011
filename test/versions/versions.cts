/** A version of n8n to prove the node with. */
export interface N8nVersion {
	/** Of the package n8n-core, which brings the n8n-workflow that belongs to it; a number, or npm's tag. */
	core: string;
	/** Why it is in the list. */
	what: string;
}

/**
 * The versions that are promised to work. n8n's own number is one higher in its 1.x versions
 * (n8n 1.123 has n8n-core 1.122), and the same in its 2.x versions.
 */
export const SUPPORTED: readonly N8nVersion[] = [
	{ core: '1.93.0', what: 'oldest supported' },
	{ core: '1.122.48', what: 'last 1.x' },
	{ core: '2.20.6', what: 'an older 2.x' },
	{ core: 'latest', what: 'newest' },
];
