import { extensionOf, mediaTypeOf } from '../../dist/nodes/Dibby/mediaTypes.js';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const MACROS = 'application/vnd.ms-excel.sheet.macroenabled.12';

const SYNONYMS = [
	['application/x-pdf', 'application/pdf'],
	['application/vnd.pdf', 'application/pdf'],
	['application/acrobat', 'application/pdf'],
	['image/jpg', 'image/jpeg'],
	['image/pjpeg', 'image/jpeg'],
	['image/x-png', 'image/png'],
	['image/tif', 'image/tiff'],
	['image/x-ms-bmp', 'image/bmp'],
	['application/x-zip-compressed', 'application/zip'],
	['application/csv', 'text/csv'],
	['application/x-msexcel', 'application/vnd.ms-excel'],
	['audio/mp4', 'audio/mp4'],
	['text/xml', 'text/xml'],
	['image/pdf', 'image/pdf'],
	[MACROS, MACROS],
];

test.each([
	['application/pdf', undefined, 'application/pdf'],
	['APPLICATION/PDF', 'a.txt', 'application/pdf'],
	[' application/pdf ', undefined, 'application/pdf'],
	['application/pdf; charset=binary', undefined, 'application/pdf'],
	['text/plain;  charset=utf-8;   x=y', undefined, 'text/plain'],
	['text/plain; name="a, b"', 'x', 'text/plain'],
	['nonsense', 'x.pdf', 'application/pdf'],
	['', 'Scan 1.PDF ', 'application/pdf'],
	[undefined, 'x.docx', DOCX],
	['application/octet-stream', 'x.png', 'image/png'],
	['application/octet-stream', 'x.unknown', 'application/octet-stream'],
	['application/octet-stream', 'pdf', 'application/octet-stream'],
	[undefined, 'x.constructor', 'application/octet-stream'],
	[undefined, undefined, 'application/octet-stream'],
	...SYNONYMS.map(([own, sent]) => [own, 'x.unknown', sent]),
])('a file of the type %j named %j is sent as %s', (own, name, sent) => {
	expect(mediaTypeOf(own, name)).toBe(sent);
});

const HEADS: Array<[begin: string, type: string]> = [
	['%PDF-1.7', 'application/pdf'],
	['\ufeff\r\n %PDF-1.7', 'application/pdf'],
	['\x89PNG\r\n\x1a\n', 'image/png'],
	['\xff\xd8\xff\xe0', 'image/jpeg'],
	['GIF89a', 'image/gif'],
	['II*\0', 'image/tiff'],
	['MM\0*', 'image/tiff'],
	['MM\0+', 'image/tiff'],
	['RIFF\x01\x02\x03\x04WEBPVP8 ', 'image/webp'],
	['\0\0\0\x18ftypheic', 'image/heic'],
	['\0\0\0\x18ftypmif1\0\0\0\0mif1heic', 'image/heic'],
	['\0\0\0\x18ftypmif1\0\0\0\0mif1miaf', 'image/heif'],
	['PK\x03\x04', 'application/zip'],
	['{\\rtf1', 'application/rtf'],
];
const GENERIC = [
	...[undefined, 5, '', 'nonsense', 'text/plain', '*/*', 'image/*', `a/${'b'.repeat(200)}`],
	...['application/force-download', 'application/x-download', 'application/binary'],
	...['application/octetstream', 'application/x-octet-stream', 'binary/octet-stream'],
	...['application/unknown', 'application/x-www-form-urlencoded', 'multipart/form-data'],
];
const bytes = (begin: string) => Buffer.from(begin, begin.startsWith('\ufeff') ? 'utf8' : 'latin1');

test.each(HEADS)('content that begins with %j is %s', (begin, type) => {
	for (const own of GENERIC) expect(mediaTypeOf(own, 'scan.001', bytes(begin))).toBe(type);
});

// A type that says something wins over the content, and that over the name, except for ZIP archives: Office files are some.
test.each([
	['application/vnd.acme', 'a.png', '%PDF-', 'application/vnd.acme'],
	['text/html', 'a.png', '%PDF-', 'text/html'],
	['', 'a.png', '%PDF-', 'application/pdf'],
	['', 'a.docx', 'PK\x03\x04', DOCX],
	['application/x-zip-compressed', 'a.docx', '', DOCX],
	['application/vnd.ms-excel', 'a.csv', '', 'text/csv'],
	['application/vnd.ms-excel', 'a.xls', '', 'application/vnd.ms-excel'],
	['', 'a.odt', 'PK\x03\x04', 'application/vnd.oasis.opendocument.text'],
	['', 'a.pdf', 'PK\x03\x04', 'application/zip'],
])('of the type %j, the name %s, and the content %j, %s wins', (own, name, begin, sent) => {
	expect(mediaTypeOf(own, name, bytes(begin))).toBe(sent);
});

test.each([
	...['"a.pdf"', "'a.PDF'", ' a.pdf ', 'a.pdf?X-Amz-Signature=1.2', 'a.pdf#page=1.5'],
	...['really?.pdf', 'no.1 #2.pdf', 'https://x.y/a.b.pdf?c=/d.png'],
])('the name %s tells that the file is a PDF', (name) => {
	expect(mediaTypeOf('application/octet-stream', name)).toBe('application/pdf');
});

const NAMES_OF_NOTHING = [5, ['a.pdf'], {}, null, '.'.repeat(1e7), `a.${'b'.repeat(1e7)}`];
test.each(NAMES_OF_NOTHING.map((name) => [name]))('a name that tells nothing: %#', (name) => {
	expect(mediaTypeOf(null, name)).toBe('application/octet-stream');
});

test.each([
	['application/pdf', 'pdf'],
	['image/jpeg', 'jpg'],
	['image/tiff', 'tif'],
	['text/html', 'htm'],
	[' TEXT/PLAIN ; charset=utf-8', 'txt'],
	['image/jpg', 'jpg'],
	['Text/XML; charset=utf-8', 'xml'],
	['audio/mp3', 'mp3'],
	['application/x-unheard-of', 'bin'],
	['application/../..', 'bin'],
	['', 'bin'],
])('a document of the type %j is named .%s', (mediaType, extension) => {
	expect(extensionOf(mediaType)).toBe(extension);
});
