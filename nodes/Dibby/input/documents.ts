import type { IBinaryData } from 'n8n-workflow';

import { decodedBytes, standardBase64 } from '../base64';
import { inputError } from '../errors';
import { declaredTypeOf, mediaTypeOf, SIGNATURE_BYTES } from '../mediaTypes';
import { dataUriOf } from '../dataUri';
import type { DibbyDocument, N8nServices } from '../types';
import type { FoundFile } from './files';

/** What `data` contains if n8n stores the content elsewhere. Without an ID, such a file is an incomplete copy. */
const PLACEHOLDERS: unknown[] = ['database', 'filesystem', 'filesystem-v2', 's3', 'azure-blob'];

/**
 * Describes a file for sending: media type, exact size, and where the content is.
 *
 * @param input the input's name, for messages
 * @throws DibbyError if a file is empty, damaged, or no longer stored
 */
export async function describeDocument(
	n8n: N8nServices,
	input: string,
	{ field, file }: FoundFile,
): Promise<DibbyDocument> {
	const where = `"${field}" for the input "${input}"`;
	const { id, data, mimeType, fileName } = (file ?? {}) as Partial<
		Record<keyof IBinaryData, unknown>
	>;
	const uri = typeof data === 'string' ? dataUriOf(data) : undefined;
	const declared = declaredTypeOf(mimeType) ?? declaredTypeOf(uri?.mediaType) ?? mimeType;
	const stored =
		typeof id === 'string' && id !== ''
			? await lookUp(n8n, id, where, declaredTypeOf(declared) === undefined)
			: inMemory(data, where);
	const { content, bytes, start } = stored;
	if (bytes === 0) {
		throw inputError(
			`The file in ${where} is empty`,
			"Check the node that created the file. A document can't be empty.",
		);
	}
	return { mediaType: mediaTypeOf(declared, fileName, start), bytes, content };
}

/** The rest of a document's description, and the first bytes of its content. */
type Content = Pick<DibbyDocument, 'content' | 'bytes'> & { start?: Buffer };

function inMemory(data: unknown, where: string): Content {
	if (data === undefined || data === null || PLACEHOLDERS.includes(data)) {
		throw inputError(
			`The content of the file in ${where} wasn't copied`,
			'It has neither an ID nor content. In the node that created the file, copy the whole binary field, including its id.',
		);
	}
	const base64 = base64Of(data);
	if (base64 === undefined) {
		throw inputError(
			`The file in ${where} is damaged`,
			"Its content isn't base64. Check the node that created the file.",
		);
	}
	const start = Buffer.from(base64.slice(0, 2 * SIGNATURE_BYTES), 'base64');
	return { content: { base64 }, bytes: decodedBytes(base64), start };
}

/** Code nodes also write data URIs and Buffers, which become plain objects between n8n's processes. */
function base64Of(data: unknown): string | undefined {
	if (typeof data === 'string') {
		return standardBase64(data.slice(dataUriOf(data)?.prefix.length ?? 0));
	}
	if (ArrayBuffer.isView(data)) {
		return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
	}
	const { type, data: bytes } = data as { type?: unknown; data?: unknown };
	const isBuffer = type === 'Buffer' && Array.isArray(bytes);
	return isBuffer ? Buffer.from(bytes as number[]).toString('base64') : undefined;
}

/** Opens the file only if its first bytes are needed. */
async function lookUp(
	n8n: N8nServices,
	storageId: string,
	where: string,
	needsStart: boolean,
): Promise<Content> {
	try {
		const { fileSize } = await n8n.helpers.getBinaryMetadata(storageId);
		const start = needsStart ? await readStart(n8n, storageId) : undefined;
		return { content: { storageId }, bytes: fileSize, start };
	} catch (error) {
		n8n.logger.debug('Dibby: n8n has no metadata of a binary file', { error: String(error) });
		throw inputError(
			`n8n no longer has the file in ${where}`,
			"The file was deleted, or this worker doesn't share binary storage with the other workers. Execute the workflow again from the node that created the file.",
		);
	}
}

async function readStart(n8n: N8nServices, storageId: string): Promise<Buffer> {
	const file = await n8n.helpers.getBinaryStream(storageId, SIGNATURE_BYTES);
	// Destroying a stream may cause an error, and an error without a listener ends the process.
	file.on('error', () => {});
	let start: Buffer = Buffer.alloc(0);
	// Leaving the loop destroys the stream.
	for await (const chunk of file) {
		start = Buffer.concat([start, chunk as Buffer]);
		if (start.length >= SIGNATURE_BYTES) break;
	}
	return start;
}
