import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { document, fields, sha256, triggerRun, WAIT } from '../support/jobs.cts';
import { storage, storeFile } from '../support/n8n.cts';
import { useSuite } from '../support/suite.cts';

// The rules are in test/unit/mediaTypes.test.cts. Here they are applied to files as n8n's nodes hand them on.
const suite = useSuite();
const DATA = { data: Buffer.from('a scan').toString('base64') };

async function digest(json: object, binary: unknown, parameters = {}, settings = {}) {
	const step = triggerRun(WORKFLOWS.digest.id, { ...WAIT, ...document('document'), ...parameters });
	const items = [{ json, binary } as never];
	const { items: results, error } = await suite.engine.run(step, { items, settings });
	expect(error).toBeUndefined();
	return results[0]?.json;
}

/** What a file says of itself, and the media type that Dibby must be told. */
describe.each<[mimeType: string | undefined, fileName: string | undefined, sent: string]>([
	[undefined, 'Scan 01.PDF', 'application/pdf'],
	[undefined, undefined, 'application/octet-stream'],
	['', 'photo.JPG', 'image/jpeg'],
	['binary/octet-stream', 'a.pdf', 'application/pdf'],
	['APPLICATION/PDF', 'a.txt', 'application/pdf'],
	['TEXT/PLAIN;charset=UTF-8', undefined, 'text/plain'],
])('a file of the type %j with the name %j is sent as %s', (mimeType, fileName, sent) => {
	const given = JSON.parse(JSON.stringify({ mimeType, fileName })) as object;

	test.each(['in memory', 'stored'])('%s', async (where) => {
		const { id } = await storeFile('a scan');
		const content = where === 'stored' ? { id, data: 'filesystem-v2' } : DATA;
		expect(await digest({}, { data: { ...content, ...given } })).toMatchObject({
			mediaType: sent,
			bytes: 6,
		});
	});
});

describe('a file without a type', () => {
	const file = { ...DATA, fileName: 'a.pdf' };

	test.each([
		['Binary Data in Inputs', fields({ name: 'document', type: 'binary', value: 'data' })],
		['a pattern', document('document', 'da*')],
		['all files', document('document', '*')],
	])('is found by %s', async (_way, parameters) => {
		const documents = 'documents' in parameters ? {} : { documents: {} };
		const json = await digest({}, { data: file }, { ...documents, ...parameters });
		expect(json).toMatchObject({ mediaType: 'application/pdf' });
	});
});

describe('a stored file', () => {
	const content = Buffer.concat([Buffer.from('%PDF-1.7 a scan'), Buffer.alloc(5_000_000)]);

	test.each([
		['application/pdf', 'a.pdf', 1],
		['', 'scan', 2],
		['', 'INVOICE.001', 2],
		['application/octet-stream', 'a.bin', 2],
	])(
		'of the type %j with the name %s is opened %d times, for its first bytes if its type is unknown',
		async (mimeType, fileName, times) => {
			const data = { ...(await storeFile(content, fileName)), mimeType };
			const open = storage.getAsStream.bind(storage);
			const opened: Array<Awaited<ReturnType<typeof open>>> = [];
			storage.getAsStream = async (...given) => {
				const file = await open(...given);
				opened.push(file);
				return file;
			};
			const expected = { mediaType: 'application/pdf', sha256: sha256(content) };
			expect(await digest({}, { data })).toMatchObject(expected);
			expect(opened.map(({ destroyed }) => destroyed)).toEqual(Array(times).fill(true));
		},
	);
});
