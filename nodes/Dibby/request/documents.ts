import type { IBinaryData } from 'n8n-workflow';

import { inputError } from '../errors';
import type { DibbyDocument, ItemContext } from '../types';
import type { FoundFile } from './files';
import { mediaTypeOf } from './mediaType';

/**
 * Describes files so that they can be sent later, without reading them: media type, exact size, where the content is.
 *
 * @param input the input's name, for messages
 * @throws DibbyError when a file is empty or n8n no longer has it
 */
export async function readDocuments(
	context: ItemContext,
	input: string,
	files: FoundFile[],
): Promise<DibbyDocument[]> {
	const documents: DibbyDocument[] = [];
	for (const { field, file } of files) {
		const document = await describe(context, input, field, file);
		if (document.bytes === 0) {
			throw inputError(context, {
				message: `The file in "${field}" for the input "${input}" is empty`,
				description: 'Check the node that made the file. A document must have at least one byte.',
			});
		}
		documents.push(document);
	}
	return documents;
}

async function describe(
	context: ItemContext,
	input: string,
	field: string,
	file: IBinaryData,
): Promise<DibbyDocument> {
	const { fileName } = file;
	const mediaType = mediaTypeOf(file.mimeType, fileName);
	if (file.id === undefined) {
		const base64 = standardBase64(file.data);
		if (base64 === undefined) {
			throw inputError(context, {
				message: `The file in "${field}" for the input "${input}" is damaged`,
				description: 'Its content is not base64. Check the node that made the file.',
			});
		}
		return { mediaType, fileName, bytes: decodedBytes(base64), content: { base64 } };
	}
	try {
		const { fileSize } = await context.helpers.getBinaryMetadata(file.id);
		return { mediaType, fileName, bytes: fileSize, content: { storageId: file.id } };
	} catch (error) {
		context.logger.debug('Dibby: n8n has no metadata of a binary file', {
			field,
			error: String(error),
		});
		throw inputError(context, {
			message: `n8n no longer has the file in "${field}" for the input "${input}"`,
			description:
				'The file was deleted, or this worker does not share the binary storage of the others. Run the workflow again from the node that made the file.',
		});
	}
}

/**
 * In-memory content already is base64. Line breaks, missing padding and the URL alphabet, which some nodes
 * leave in it, are put right; anything else is undefined.
 */
function standardBase64(data: string): string | undefined {
	if (data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data)) return data;
	const bare = data
		.replace(/\s+/g, '')
		.replace(/=+$/, '')
		.replaceAll('-', '+')
		.replaceAll('_', '/');
	if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return undefined;
	return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

function decodedBytes(base64: string): number {
	const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
	return (base64.length / 4) * 3 - padding;
}
