import { createHash } from 'crypto';

import type { DibbyDocument } from '../types';
import { partsOf } from './body';
import type { RunRequest } from './body';

/**
 * A short name for what is asked for, the same for the same inputs, so that a second try of the node
 * recognises the run that the first one started. Stored documents count by their place in n8n's storage.
 */
export function fingerprintOf(request: RunRequest): string {
	const hash = createHash('sha256');
	for (const part of partsOf(request, 'workflowId')) {
		hash.update(typeof part === 'string' ? part : JSON.stringify(part));
	}
	return hash.digest('hex').slice(0, 32);
}

/**
 * What was sent, for messages: names and kinds, and of documents media type and size, never a content.
 */
export function describeInputs({ inputs }: RunRequest): string {
	if (inputs.length === 0) return 'no inputs';
	const size = ({ mediaType, bytes }: DibbyDocument) => `${mediaType}, ${bytes} bytes`;
	return inputs
		.map(({ name, kind, value }) => {
			if ('json' in value) return `${name} (${kind})`;
			const documents = 'document' in value ? [value.document] : value.documents;
			return `${name} (${kind}: ${documents.map(size).join('; ')})`;
		})
		.join(', ');
}
