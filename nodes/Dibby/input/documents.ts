import type { IBinaryData } from 'n8n-workflow';

import { inputError } from '../errors';
import { declaredTypeOf, extensionsOf, mediaTypeOf, SIGNATURE_BYTES } from '../mediaTypes';
import { dataUriOf, standardBase64 } from '../dataUri';
import type { N8nServices, RunInput } from '../types';
import { findFiles, isStorageId, matchesPattern, splitList } from './files';
import type { FoundFile, InputItem } from './files';

/** What `data` contains if n8n stores the content elsewhere. Without an ID, such a file is an incomplete copy. */
const PLACEHOLDERS: unknown[] = ['database', 'filesystem', 'filesystem-v2', 's3', 'azure-blob'];

/** A row of the Documents parameter. */
export interface DocumentRow {
	inputName: string;
	binaryField: unknown;
	/** `each` starts one run per file. */
	sendAs: 'single' | 'list' | 'each';
	/** Patterns such as `*.pdf, *.png`. A single document isn't filtered. */
	fileNameFilter?: unknown;
}

/**
 * Finds a row's files and describes them for sending. Returns the row's input: one, or with `each` one per file. Throws a
 * DibbyError if a file is missing, empty, damaged, or no longer stored.
 */
export async function documentInputs(
	n8n: N8nServices,
	item: InputItem,
	{ inputName: name, binaryField, sendAs, fileNameFilter }: DocumentRow,
): Promise<Array<{ input: RunInput; file?: FoundFile }>> {
	const files = findFiles(item, name, binaryField, sendAs === 'each');
	if (sendAs === 'single' && files.length > 1) {
		throw inputError(
			`The input "${name}" accepts one document, but ${files.length} files match`,
			"Enter a single binary field, or set 'Send As' to 'List of Documents' or 'One Run per Document' under 'Documents'.",
		);
	}
	const found = [];
	const storageIds = new Set<string | undefined>();
	for (const file of files) {
		const where = `"${file.field}" for the input "${name}"`;
		const isLeftOut = (mediaType?: string) =>
			mediaType !== undefined && sendAs !== 'single' && !isWanted(file, mediaType, fileNameFilter);
		// Before it's read, because it may be damaged.
		if (isLeftOut(declaredTypeOf(file.file?.mimeType))) continue;
		const document = await describe(n8n, file.file, where);
		if (isLeftOut(document.mediaType)) continue;
		if (document.bytes === 0) {
			throw inputError(
				`The file in ${where} is empty`,
				"Check the node that created the file. A document can't be empty.",
			);
		}
		const { storageId } = document.content;
		// A node may have copied the file to another field.
		if (storageId !== undefined && storageIds.has(storageId)) continue;
		storageIds.add(storageId);
		found.push({ file, document });
	}
	if (sendAs !== 'list') {
		return found.map(({ file, document }) => ({
			input: { name, kind: 'document', value: { document } },
			file: sendAs === 'each' ? file : undefined,
		}));
	}
	if (found.length === 0) {
		throw inputError(
			`No file for the input "${name}" matches 'File Name Filter'`,
			'Change the filter, or check the names of the files.',
		);
	}
	const documents = found.map(({ document }) => document);
	return [{ input: { name, kind: 'list of documents', value: { documents } } }];
}

/** Whether a file matches 'File Name Filter' by its name, or would with an ending of its media type. */
function isWanted({ file }: FoundFile, mediaType: string, filter: unknown): boolean {
	// File names from macOS have accents as characters of their own.
	const normalize = (text: unknown) =>
		String(text ?? '')
			.normalize()
			.toLowerCase();
	const patterns = splitList(normalize(filter));
	const name = normalize(file?.fileName);
	const names = [name, ...extensionsOf(mediaType).map((extension) => `${name}.${extension}`)];
	const isMatch = (pattern: string) => names.some((text) => matchesPattern(pattern, text));
	return patterns.length === 0 || patterns.some(isMatch);
}

async function describe(n8n: N8nServices, file: IBinaryData, where: string) {
	const unchecked: Partial<Record<keyof IBinaryData, unknown>> = file ?? {};
	const { id, data, mimeType, fileName } = unchecked;
	const uri = typeof data === 'string' ? dataUriOf(data) : undefined;
	const declared = declaredTypeOf(mimeType) ?? uri?.mediaType ?? mimeType;
	if (!isStorageId(id)) {
		const base64 = base64Of(data, where);
		const start = Buffer.from(base64.slice(0, 2 * SIGNATURE_BYTES), 'base64');
		const bytes = Buffer.byteLength(base64, 'base64');
		return { mediaType: mediaTypeOf(declared, fileName, start), bytes, content: { base64 } };
	}
	try {
		const { fileSize: bytes } = await n8n.helpers.getBinaryMetadata(id);
		const isKnown = declaredTypeOf(declared) !== undefined;
		const start = isKnown ? undefined : await readStart(n8n, id);
		return { mediaType: mediaTypeOf(declared, fileName, start), bytes, content: { storageId: id } };
	} catch (error) {
		n8n.logger.debug('Dibby: n8n has no metadata of a binary file', { error: String(error) });
		throw inputError(
			`n8n no longer has the file in ${where}`,
			"The file was deleted, or this worker doesn't share binary storage with the other workers. Execute the workflow again from the node that created the file.",
		);
	}
}

/** Code nodes also write data URIs and Buffers, which become plain objects between n8n's processes. */
function base64Of(data: unknown, where: string): string {
	if (data === undefined || data === null || PLACEHOLDERS.includes(data)) {
		throw inputError(
			`The content of the file in ${where} wasn't copied`,
			'It has neither an ID nor content. In the node that created the file, copy the whole binary field, including its id.',
		);
	}
	const { type, data: bytes } = data as { type?: unknown; data?: unknown };
	const isBuffer = ArrayBuffer.isView(data) || (type === 'Buffer' && Array.isArray(bytes));
	if (isBuffer) return Buffer.from(data as Buffer).toString('base64');
	const text = typeof data === 'string' ? data : '!';
	const base64 = standardBase64(text.slice(dataUriOf(text)?.prefix.length ?? 0));
	if (base64 !== undefined) return base64;
	throw inputError(
		`The file in ${where} is damaged`,
		"Its content isn't base64. Check the node that created the file.",
	);
}

async function readStart(n8n: N8nServices, storageId: string): Promise<Buffer | undefined> {
	const file = await n8n.helpers.getBinaryStream(storageId, SIGNATURE_BYTES);
	// Leaving the loop destroys the stream. That may cause an error, which would end the process without a listener.
	file.on('error', () => {});
	for await (const chunk of file) return chunk as Buffer;
	return undefined;
}
