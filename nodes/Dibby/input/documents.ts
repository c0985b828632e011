import type { IBinaryData } from 'n8n-workflow';

import { decodedBytes, standardBase64 } from '../base64';
import { inputError } from '../errors';
import { mediaTypeOf } from '../mediaTypes';
import type { DibbyDocument, N8nServices } from '../types';
import type { FoundFile } from './files';

/**
 * Describes files for sending: media type, exact size, and where the content is.
 *
 * @param input the input's name, for messages
 * @throws DibbyError when a file is empty, damaged, or n8n no longer has it
 */
export async function describeDocuments(
	n8n: N8nServices,
	input: string,
	files: FoundFile[],
): Promise<DibbyDocument[]> {
	const documents: DibbyDocument[] = [];
	for (const { field, file } of files) {
		const where = `"${field}" for the input "${input}"`;
		const document = await describe(n8n, file, where);
		if (document.bytes === 0) {
			throw inputError(
				`The file in ${where} is empty`,
				"Check the node that created the file. A document can't be empty.",
			);
		}
		documents.push(document);
	}
	return documents;
}

async function describe(
	n8n: N8nServices,
	file: IBinaryData,
	where: string,
): Promise<DibbyDocument> {
	const mediaType = mediaTypeOf(file.mimeType, file.fileName);
	if (!file.id) {
		const base64 = standardBase64(file.data);
		if (base64 === undefined) {
			throw inputError(
				`The file in ${where} is damaged`,
				"Its content isn't base64. Check the node that created the file.",
			);
		}
		return { mediaType, bytes: decodedBytes(base64), content: { base64 } };
	}
	try {
		const { fileSize } = await n8n.helpers.getBinaryMetadata(file.id);
		return { mediaType, bytes: fileSize, content: { storageId: file.id } };
	} catch (error) {
		n8n.logger.debug('Dibby: n8n has no metadata of a binary file', { error: String(error) });
		throw inputError(
			`n8n no longer has the file in ${where}`,
			"The file was deleted, or this worker doesn't share binary storage with the other workers. Execute the workflow again from the node that created the file.",
		);
	}
}
