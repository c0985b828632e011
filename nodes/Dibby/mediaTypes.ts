/** What a file is when nobody knows. */
const UNKNOWN_MEDIA_TYPE = 'application/octet-stream';

/** The kinds of file that people send to document workflows, and those that come back; of several endings, the usual one first. */
const MEDIA_TYPES = new Map(
	Object.entries({
		bmp: 'image/bmp',
		csv: 'text/csv',
		doc: 'application/msword',
		docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
		eml: 'message/rfc822',
		gif: 'image/gif',
		heic: 'image/heic',
		heif: 'image/heif',
		htm: 'text/html',
		html: 'text/html',
		jpg: 'image/jpeg',
		jpeg: 'image/jpeg',
		json: 'application/json',
		md: 'text/markdown',
		mp3: 'audio/mpeg',
		mp4: 'video/mp4',
		msg: 'application/vnd.ms-outlook',
		odp: 'application/vnd.oasis.opendocument.presentation',
		ods: 'application/vnd.oasis.opendocument.spreadsheet',
		odt: 'application/vnd.oasis.opendocument.text',
		pdf: 'application/pdf',
		png: 'image/png',
		ppt: 'application/vnd.ms-powerpoint',
		pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
		rtf: 'application/rtf',
		svg: 'image/svg+xml',
		tif: 'image/tiff',
		tiff: 'image/tiff',
		txt: 'text/plain',
		wav: 'audio/wav',
		webp: 'image/webp',
		xls: 'application/vnd.ms-excel',
		xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
		xml: 'application/xml',
		zip: 'application/zip',
	}),
);

const WELL_FORMED = /^[\w.+-]+\/[\w.+-]+$/;

/** What senders write when they don't know, or want a browser to save the file: these say nothing of the content. */
const UNSPECIFIC = new Set([UNKNOWN_MEDIA_TYPE, 'binary/octet-stream', 'application/x-download']);

/**
 * The media type to send for a file: the file's own, else the one that its name tells, else unknown.
 * Without parameters, such as the charset that mail programs give a PDF: Dibby documents data URIs without any.
 *
 * @param own the media type that n8n knows, e.g. `application/pdf`
 * @param fileName e.g. `invoice.pdf`
 * @returns type and subtype in lower case
 */
export function mediaTypeOf(own: string | undefined, fileName: string | undefined): string {
	const bare = bareTypeOf(own ?? '');
	if (WELL_FORMED.test(bare) && !UNSPECIFIC.has(bare)) return bare;
	const extension = /\.([^.]+)$/.exec((fileName ?? '').trim())?.[1]?.toLowerCase() ?? '';
	return MEDIA_TYPES.get(extension) ?? UNKNOWN_MEDIA_TYPE;
}

/** The usual ending of a file's name for a media type, without the dot; `bin` when there is none. */
export function extensionOf(mediaType: string): string {
	const bare = bareTypeOf(mediaType);
	const known = [...MEDIA_TYPES].find(([, type]) => type === bare)?.[0];
	// Of types that nobody registered, such as `image/jpg`, the second half often is the ending.
	return known ?? /\/([a-z\d]{2,4})$/.exec(bare)?.[1] ?? 'bin';
}

function bareTypeOf(mediaType: string): string {
	return (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
}
