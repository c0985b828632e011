import type { IBinaryData } from 'n8n-workflow';

import { decodedBytes, standardBase64 } from '../base64';
import { inputError } from '../errors';
import { declaredTypeOf, extensionsOf, mediaTypeOf, SIGNATURE_BYTES } from '../mediaTypes';
import { dataUriOf } from '../dataUri';
import type { DibbyDocument, N8nServices } from '../types';
import { findFiles, matchesPattern } from './files';
import type { FoundFile, InputItem } from './files';

/** What `data` contains if n8n stores the content elsewhere. Without an ID, such a file is an incomplete copy. */
const PLACEHOLDERS: unknown[] = ['database', 'filesystem', 'filesystem-v2', 's3', 'azure-blob'];

/** A row of the Documents parameter. */
export interface DocumentRow {
	inputName: unknown;
	binaryField: unknown;
	/** `each` starts one run per file. */
	sendAs: 'single' | 'list' | 'each';
	/** Patterns such as `*.pdf, *.png`. A single document isn't filtered. */
	fileNameFilter?: unknown;
}

/**
 * Finds a row's files and describes them for sending: media type, exact size, and where the content is.
 *
 * @param input the input's name, for messages
 * @returns exactly one for `single`, at least one for `list`
 * @throws DibbyError if a file is missing, empty, damaged, or no longer stored
 */
export async function findDocuments(
	n8n: N8nServices,
	item: InputItem,
	input: string,
	{ binaryField, sendAs, fileNameFilter }: DocumentRow,
): Promise<Array<{ file: FoundFile; document: DibbyDocument }>> {
	const files = findFiles(item, input, binaryField, sendAs === 'each');
	if (sendAs === 'single' && files.length > 1) {
		throw inputError(
			`The input "${input}" takes one document, but ${files.length} files match`,
			"Enter a single binary field, or set 'Send As' to 'List of Documents' or 'One Run per Document' under 'Documents'.",
		);
	}
	const patterns = sendAs === 'single' ? [] : patternsOf(fileNameFilter);
	const found = [];
	for (const file of files) {
		const { mimeType, fileName } = membersOf(file);
		const declared = declaredTypeOf(mimeType);
		const isMatch = matchesFilter(patterns, fileName, declared);
		// The content is needed only if neither name nor declared type tell.
		if (!isMatch && declared !== undefined) continue;
		const where = `"${file.field}" for the input "${input}"`;
		const document = await describe(n8n, file, where);
		if (!isMatch && !matchesFilter(patterns, fileName, document.mediaType)) continue;
		if (document.bytes === 0) {
			throw inputError(
				`The file in ${where} is empty`,
				"Check the node that created the file. A document can't be empty.",
			);
		}
		found.push({ file, document });
	}
	if (found.length > 0 || sendAs === 'each') return found;
	throw inputError(
		`No file for the input "${input}" matches 'File Name Filter'`,
		'Change the filter, or check the names of the files.',
	);
}

function patternsOf(filter: unknown): string[] {
	const patterns = String(filter ?? '')
		.toLowerCase()
		.split(',');
	return patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern !== '');
}

/** Whether a file matches by its name, or would with an ending of its media type. */
function matchesFilter(patterns: string[], fileName: unknown, mediaType = ''): boolean {
	const name = typeof fileName === 'string' ? fileName.toLowerCase() : '';
	const names = [name, ...extensionsOf(mediaType).map((extension) => `${name}.${extension}`)];
	const isMatch = (pattern: string) => names.some((text) => matchesPattern(pattern, text));
	return patterns.length === 0 || patterns.some(isMatch);
}

function membersOf({ file }: FoundFile): Partial<Record<keyof IBinaryData, unknown>> {
	return file ?? {};
}

async function describe(n8n: N8nServices, file: FoundFile, where: string): Promise<DibbyDocument> {
	const { id, data, mimeType, fileName } = membersOf(file);
	const uri = typeof data === 'string' ? dataUriOf(data) : undefined;
	const declared = declaredTypeOf(mimeType) ?? declaredTypeOf(uri?.mediaType) ?? mimeType;
	const { start, ...stored } =
		typeof id === 'string' && id !== ''
			? await lookUp(n8n, id, where, declaredTypeOf(declared) === undefined)
			: inMemory(data, where);
	return { mediaType: mediaTypeOf(declared, fileName, start), ...stored };
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
