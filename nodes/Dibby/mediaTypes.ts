/** Media types with their endings (the usual one first) and other names. Those with a signature needn't be here. */
const MEDIA_TYPES = new Map([
	['image/bmp', ['bmp', 'ms-bmp']],
	['text/csv', ['csv', 'comma-separated-values']],
	['application/msword', ['doc', 'word']],
	['application/vnd.openxmlformats-officedocument.wordprocessingml.document', ['docx']],
	['message/rfc822', ['eml']],
	['text/html', ['htm', 'html']],
	['image/jpeg', ['jpg', 'jpeg', 'pjpeg']],
	['application/json', ['json']],
	['text/markdown', ['md', 'markdown']],
	['application/vnd.ms-outlook', ['msg']],
	['application/vnd.oasis.opendocument.presentation', ['odp']],
	['application/vnd.oasis.opendocument.spreadsheet', ['ods']],
	['application/vnd.oasis.opendocument.text', ['odt']],
	['application/pdf', ['pdf', 'acrobat']],
	['image/png', ['png']],
	['application/vnd.ms-powerpoint', ['ppt', 'powerpoint', 'mspowerpoint']],
	['application/vnd.openxmlformats-officedocument.presentationml.presentation', ['pptx']],
	['image/svg+xml', ['svg']],
	['image/tiff', ['tif', 'tiff']],
	['text/plain', ['txt']],
	['application/vnd.ms-excel', ['xls', 'excel', 'msexcel']],
	['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', ['xlsx']],
	['application/xml', ['xml']],
	['application/zip', ['zip', 'zip-compressed']],
]);

const BY_ENDING = new Map(
	[...MEDIA_TYPES].flatMap(([type, endings]) => endings.map((ending) => [ending, type])),
);

/** How many bytes of a file tell its media type. */
export const SIGNATURE_BYTES = 64;

/** How files of a type begin, in hexadecimal. */
const SIGNATURES: Array<[RegExp, string]> = [
	[/^(?:efbbbf)?(?:0[9ad]|20)*255044462d/, 'application/pdf'],
	[/^89504e470d0a1a0a/, 'image/png'],
	[/^ffd8ff/, 'image/jpeg'],
	[/^47494638/, 'image/gif'],
	[/^(?:49492[ab]00|4d4d002[ab])/, 'image/tiff'],
	[/^52494646.{8}57454250/, 'image/webp'],
	[/^.{8}66747970(?:..)*?6865(?:69|76)/, 'image/heic'],
	[/^.{8}66747970(?:6d69|6d73)6631/, 'image/heif'],
	[/^504b0(?:304|506)/, 'application/zip'],
	[/^7b5c727466/, 'application/rtf'],
];

const WELL_FORMED = /^[\w.+-]{1,127}\/[\w.+-]{1,127}$/;

/** Types that say nothing about the content. n8n writes text/plain if it doesn't know the type. */
const GENERIC =
	/octet|download|unknown|^binary\/|^multipart\/|^text\/plain$|\/(?:x-)?(?:any|attachment|bin|binary|data|default|file|save|stream|unspecified|www-form-urlencoded)$/;

/** The media type that a file declares, without parameters and in its usual form; undefined if it says nothing. */
export function declaredTypeOf(declared: unknown): string | undefined {
	const bare = bareTypeOf(declared);
	const [family = '', subtype = ''] = bare.split('/');
	// E.g. application/x-pdf and image/jpg.
	const alias = BY_ENDING.get(subtype.replace(/^(?:x-|vnd\.)/, '')) ?? '';
	const isAlias = family === 'application' || alias.startsWith(`${family}/`);
	const type = !MEDIA_TYPES.has(bare) && alias !== '' && isAlias ? alias : bare;
	return WELL_FORMED.test(type) && !GENERIC.test(type) ? type : undefined;
}

/** The media type to send for a file: the declared one, else what its first bytes tell, else what its name tells. */
export function mediaTypeOf(declared: unknown, fileName: unknown, start?: Buffer): string {
	const hex = start?.toString('hex', 0, SIGNATURE_BYTES) ?? '';
	const type = declaredTypeOf(declared) ?? SIGNATURES.find(([begin]) => begin.test(hex))?.[1];
	const name = typeof fileName === 'string' ? fileName : '';
	// A name taken from a URL may contain a query.
	const named = typeOfEnding(name.split(/[?#]/, 1)[0] ?? '') ?? typeOfEnding(name);
	const isOffice = type === 'application/zip' && /openxml|opendocument/.test(named ?? '');
	// Browsers on Windows take the type from the program that opens CSV files.
	const isCsv = type === 'application/vnd.ms-excel' && named === 'text/csv';
	if (type !== undefined && !isOffice && !isCsv) return type;
	const isText = bareTypeOf(declared) === 'text/plain';
	return named ?? (isText ? 'text/plain' : 'application/octet-stream');
}

/** The endings of a media type's files, without the dot, the usual one first. */
export function extensionsOf(mediaType: string): string[] {
	const bare = bareTypeOf(mediaType);
	// Of unregistered types, the subtype is often the ending.
	const [, subtype] = /\/([a-z\d]{2,4})$/.exec(bare) ?? [];
	return MEDIA_TYPES.get(declaredTypeOf(bare) ?? bare) ?? (subtype === undefined ? [] : [subtype]);
}

/** The usual ending; `bin` if there is none. */
export function extensionOf(mediaType: string): string {
	return extensionsOf(mediaType)[0] ?? 'bin';
}

/** Ignores quotes and blanks after the ending. */
function typeOfEnding(name: string): string | undefined {
	const [, ending = ''] = /\.(\w+)\W*$/.exec(name.slice(-20)) ?? [];
	return BY_ENDING.get(ending.toLowerCase());
}

function bareTypeOf(mediaType: unknown): string {
	const text = typeof mediaType === 'string' ? mediaType.slice(0, 300) : '';
	return (text.split(';', 1)[0] ?? '').trim().toLowerCase();
}
