import { extensionOf, mediaTypeOf } from '../../dist/nodes/Dibby/mediaTypes.js';

test.each([
	['application/pdf', undefined, 'application/pdf'],
	[' application/pdf ', undefined, 'application/pdf'],
	['application/pdf; charset=binary', undefined, 'application/pdf'],
	['text/plain;  charset=utf-8;   x=y', undefined, 'text/plain'],
	['text/plain; name="a, b"', 'x.pdf', 'text/plain'],
	['nonsense', 'x.pdf', 'application/pdf'],
	['', 'Scan 1.PDF ', 'application/pdf'],
	[undefined, 'x.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
	['application/octet-stream', 'x.png', 'image/png'],
	['application/octet-stream', 'x.unknown', 'application/octet-stream'],
	['application/octet-stream', 'pdf', 'application/octet-stream'],
	[undefined, 'x.constructor', 'application/octet-stream'],
	[undefined, undefined, 'application/octet-stream'],
])('a file of the type %j named %j is sent as %s', (own, name, sent) => {
	expect(mediaTypeOf(own, name)).toBe(sent);
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
