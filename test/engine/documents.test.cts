import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

import type { Fault } from '../../sandbox/faults.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { document, fields, sha256, triggerRun, WAIT } from '../support/jobs.cts';
import { storage, storeFile } from '../support/n8n.cts';
import type { BinaryMode } from '../support/n8n.cts';
import { useSuite } from '../support/suite.cts';
import type { Suite } from '../support/suite.cts';

// The content of files, from n8n's storage to Dibby.
const CHUNK = 3 * 16 * 1024;
const MODES: BinaryMode[] = ['default', 'filesystem'];

/** Sends a file to a workflow that says what arrived. */
async function send({ engine }: Suite, content: Buffer, parameters: object = {}, node = {}) {
	const binary = { data: await storeFile(content) };
	const given = { ...WAIT, ...document('document'), ...parameters };
	const step = triggerRun(WORKFLOWS.digest.id, given, node);
	return await engine.run(step, { items: [{ json: {}, binary }] });
}

describe.each(MODES)('documents in n8n binary mode "%s"', (binaryMode) => {
	const suite = useSuite({}, { binaryMode });

	test.each([1, 2, 3, 4, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 2, 64 * 1024 * 1024])(
		'a file of %d bytes arrives byte for byte',
		async (bytes) => {
			const content = randomBytes(bytes);
			const { items, error } = await send(suite, content);
			expect(error).toBeUndefined();
			const expected = { mediaType: 'application/pdf', bytes, sha256: sha256(content) };
			expect(items[0]?.json).toEqual(expected);
		},
	);

	test('an empty file is an error that says which', async () => {
		const { error } = await send(suite, Buffer.alloc(0));
		expect(error?.message).toBe('The file in "data" for the input "document" is empty');
		expect(suite.sandbox.requests).toHaveLength(0);
	});

	test('several files of different sizes in one request, in order', async () => {
		const contents = [randomBytes(10), randomBytes(CHUNK + 7), randomBytes(2)];
		const files = await Promise.all(contents.map(async (content) => await storeFile(content)));
		const binary = Object.fromEntries(files.map((file, n) => [`attachment_${n}`, file]));
		const given = { ...WAIT, ...document('documents', 'attachment_*', 'list') };
		const step = triggerRun(WORKFLOWS.bundle.id, given);
		const { items } = await suite.engine.run(step, { items: [{ json: {}, binary }] });
		expect(items[0]?.json.documents).toMatchObject(
			contents.map((content) => ({ sha256: sha256(content) })),
		);
	});
});

describe('an upload that does not go through', () => {
	const suite = useSuite();

	test.each([
		['shrinks', CHUNK + 5],
		['grows', 2 * CHUNK + 20],
	])('a file that %s after n8n measured it: nothing is started', async (_what, bytes) => {
		storage.getAsStream = async () => Readable.from([randomBytes(bytes)]);
		const { error } = await send(suite, randomBytes(CHUNK + 10));
		expect(error?.message).toBe('A file changed while the node was sending it');
		expect(suite.sandbox.runs.size).toBe(0);
	});

	test("an error of n8n's storage in the middle of a file isn't taken for one of the network", async () => {
		async function* failing() {
			yield randomBytes(CHUNK);
			await Promise.reject(Object.assign(new Error('lost S3'), { code: 'ECONNRESET' }));
		}
		storage.getAsStream = async () => await Promise.resolve(Readable.from(failing()));
		const { error } = await send(suite, randomBytes(2 * CHUNK));
		expect(error?.message).toBe('A file changed while the node was sending it');
		expect(suite.sandbox.runs.size).toBe(0);
	});

	test.each([1, 2])('if file %d of two is gone by then, nothing is started', async (gone) => {
		const open = storage.getAsStream.bind(storage);
		let opened = 0;
		storage.getAsStream = async (...given) => {
			if (++opened === gone) throw new Error('File not found');
			return await open(...given);
		};
		const binary = { a: await storeFile('a'), b: await storeFile('b') };
		const step = triggerRun(WORKFLOWS.digest.id, document('document', 'a, b', 'list'));
		const { error } = await suite.engine.run(step, { items: [{ json: {}, binary }] });
		const start = "No run was started by this request. n8n can't read the file anymore, or ";
		expect(error?.description?.startsWith(start)).toBe(true);
		expect(error?.outcomeUnknown).toBe(false);
		expect(suite.sandbox.runs.size).toBe(0);
	});

	describe('a connection that ends before all is sent', () => {
		/** The storage gives half of the file, and no more the first time, as if the socket took no more. */
		async function sendHalf(fault: Fault, parameters = {}, node = {}) {
			suite.sandbox.failOn('POST', fault, 1);
			storage.getAsStream = async () => {
				Reflect.deleteProperty(storage, 'getAsStream');
				return Readable.from(half());
			};
			return await send(suite, randomBytes(8 * CHUNK), parameters, node);
		}
		async function* half() {
			yield randomBytes(4 * CHUNK);
			await new Promise(() => {});
		}

		test.each<[string, Fault, number]>([
			['breaks off', { kind: 'resetAfterFirstByte' }, 300_000],
			['takes no more until the time-out', { kind: 'stall' }, 500],
		])('since it %s, started nothing, and the error says so', async (_why, fault, timeout) => {
			const { error } = await sendHalf(fault, { requestOptions: { timeout } });
			expect(error?.message).toBe("n8n couldn't send the files to Dibby");
			expect(error?.description).toMatch(/^No run was started/);
			expect(error?.outcomeUnknown).toBe(false);
			expect(suite.sandbox.runs.size).toBe(0);
		});

		test('is made again by Retry On Fail', async () => {
			const node = { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 };
			const { error } = await sendHalf({ kind: 'resetAfterFirstByte' }, {}, node);
			expect(error).toBeUndefined();
			expect(suite.sandbox.runs.size).toBe(1);
		});
	});
});

describe('a storage that gives pieces of odd sizes, as a database and S3 do', () => {
	const suite = useSuite();

	test.each([
		[[1, 1, 1, 1]],
		[[2, 2, 3]],
		[[3, 1, CHUNK, 5]],
		[[CHUNK + 1, 2 * CHUNK + 1, 1]],
		[[0, 4, 0]],
	])('%j', async (sizes) => {
		const pieces = sizes.map((size) => randomBytes(size));
		const content = Buffer.concat(pieces);
		storage.getAsStream = async () => Readable.from(pieces);
		const { items, error } = await send(suite, content);
		expect(error).toBeUndefined();
		expect(items[0]?.json).toMatchObject({ bytes: content.length, sha256: sha256(content) });
	});
});

// The rules are in test/unit/mediaTypes.test.cts. Here they are applied to files as n8n's nodes hand them on.
describe('the media type of', () => {
	const suite = useSuite();
	const DATA = { data: Buffer.from('a scan').toString('base64') };

	async function digest(data: object, parameters = {}) {
		const given = { ...WAIT, ...document('document'), ...parameters };
		const items = [{ json: {}, binary: { data } } as never];
		const result = await suite.engine.run(triggerRun(WORKFLOWS.digest.id, given), { items });
		expect(result.error).toBeUndefined();
		return result.items[0]?.json;
	}

	/** What a file says of itself, and the media type that Dibby must be told. */
	test.each<[mimeType: string | undefined, fileName: string | undefined, sent: string]>([
		[undefined, 'Scan 01.PDF', 'application/pdf'],
		[undefined, undefined, 'application/octet-stream'],
		['', 'photo.JPG', 'image/jpeg'],
		['binary/octet-stream', 'a.pdf', 'application/pdf'],
		['APPLICATION/PDF', 'a.txt', 'application/pdf'],
		['TEXT/PLAIN;charset=UTF-8', undefined, 'text/plain'],
	])('a file of the type %j with the name %j is %s', async (mimeType, fileName, sent) => {
		const given = JSON.parse(JSON.stringify({ mimeType, fileName })) as object;
		const { id } = await storeFile('a scan');
		for (const content of [DATA, { id, data: 'filesystem-v2' }]) {
			expect(await digest({ ...content, ...given })).toMatchObject({ mediaType: sent, bytes: 6 });
		}
	});

	test("a file without a type, as 'Binary Data' in 'Inputs', is what its name says", async () => {
		const inputs = fields({ name: 'document', type: 'binary', value: 'data' });
		const json = await digest({ ...DATA, fileName: 'a.pdf' }, { documents: {}, ...inputs });
		expect(json).toMatchObject({ mediaType: 'application/pdf' });
	});

	const content = Buffer.concat([Buffer.from('%PDF-1.7 a scan'), Buffer.alloc(5_000_000)]);

	test.each([
		['application/pdf', 'a.pdf', 1],
		['', 'scan', 2],
		['', 'INVOICE.001', 2],
		['application/octet-stream', 'a.bin', 2],
	])('a stored file of type %j named %s is opened %d times', async (mimeType, fileName, times) => {
		const data = { ...(await storeFile(content, fileName)), mimeType };
		const open = storage.getAsStream.bind(storage);
		const opened: Array<Awaited<ReturnType<typeof open>>> = [];
		storage.getAsStream = async (...given) => {
			const file = await open(...given);
			opened.push(file);
			return file;
		};
		const expected = { mediaType: 'application/pdf', sha256: sha256(content) };
		expect(await digest(data)).toMatchObject(expected);
		expect(opened.map(({ destroyed }) => destroyed)).toEqual(Array(times).fill(true));
	});
});
