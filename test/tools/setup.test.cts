import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const SETUP = path.join(__dirname, '..', '..', 'scripts', 'setup.js');

let project: string;

/** Writes a file that was changed so many seconds ago. */
function write(name: string, content: unknown = '', secondsAgo = 0): void {
	const file = path.join(project, name);
	mkdirSync(path.dirname(file), { recursive: true });
	writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
	const time = Date.now() / 1000 - secondsAgo;
	utimesSync(file, time, time);
}

const packages = (version: string) => ({ packages: { '': {}, 'node_modules/tool': { version } } });

/** Runs the set-up with an npm that only says how it was called. */
function setUp(npm = 'console.log("npm " + process.argv[2])') {
	write('npm.js', npm);
	const env = { ...process.env, npm_execpath: path.join(project, 'npm.js') };
	const parameters = [path.join(project, 'scripts', 'setup.js')];
	const options = { env, encoding: 'utf8' } as const;
	const { stdout, stderr, status } = spawnSync(process.execPath, parameters, options);
	return { npm: stdout.match(/npm \w+/g) ?? [], stderr, status };
}

// A project that is installed and built, in a path with a space.
beforeEach(() => {
	project = path.join(mkdtempSync(path.join(tmpdir(), 'setup-')), 'a project');
	write('package.json', { engines: { node: '>=20.19' } });
	write('package-lock.json', packages('1.0.0'));
	write('node_modules/.package-lock.json', packages('1.0.0'), 60);
	const sources = ['nodes/deep/a.ts', 'nodes/icon.svg', 'credentials/b.ts'];
	const old = ['tsconfig.json', 'gulpfile.js', ...sources, 'dist/nodes/icon.svg'];
	for (const file of old) write(file, '', 60);
	for (const made of ['nodes/deep/a.js', 'credentials/b.js']) write(`dist/${made}`, '', 30);
	mkdirSync(path.join(project, 'scripts'));
	copyFileSync(SETUP, path.join(project, 'scripts', 'setup.js'));
});
afterEach(() => rmSync(path.dirname(project), { recursive: true }));

test('nothing is done where all is there', () => {
	expect(setUp()).toEqual({ npm: [], stderr: '', status: 0 });
});

const remove = (folder: string) => rmSync(path.join(project, folder), { recursive: true });

test.each<[string, () => void, string[]]>([
	['packages of another version', () => write('package-lock.json', packages('1.0.1')), ['install']],
	['no packages', () => remove('node_modules'), ['install', 'run']],
	['nothing built', () => remove('dist'), ['run']],
	['code that is newer than what was built', () => write('nodes/deep/a.ts'), ['run']],
	['a new file', () => write('nodes/deep/c.ts', '', 60), ['run']],
	['a new icon', () => write('nodes/icon.svg'), ['run']],
	['the built form of code that is gone', () => write('dist/nodes/gone.js'), ['run']],
	['another compiler setting', () => write('tsconfig.json'), ['run']],
	['newer packages', () => write('node_modules/.package-lock.json', packages('1.0.0')), ['run']],
])('%s', (_what, change, commands) => {
	change();
	expect(setUp().npm).toEqual(commands.map((command) => `npm ${command}`));
});

test('a Node that is too old is told in a sentence, and nothing else is done', () => {
	write('package.json', { engines: { node: '>=99.5' } });
	remove('dist');
	const sentence = `This needs Node 99.5 or newer, and this is Node ${process.versions.node}`;
	const stderr = `${sentence}: install a newer one from nodejs.org, then run this again.\n`;
	expect(setUp()).toEqual({ npm: [], stderr, status: 1 });
});

test('a build that fails ends the command', () => {
	write('nodes/deep/a.ts');
	const stderr =
		'The node could not be built: the reason is above. Once it is mended, run this again.\n';
	expect(setUp('process.exit(2)')).toEqual({ npm: [], stderr, status: 1 });
});
