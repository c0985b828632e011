import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { npmPack } from '../../sandbox/editor/pack.cts';

const project = path.join(__dirname, '..', '..');

const manifest = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8')) as {
	main: string;
	scripts: Record<string, string>;
	n8n: { credentials: string[]; nodes: string[] };
};

/** What n8n loads and npm shows; everything else stays out. */
const WANTED = [
	/^dist\/(nodes|credentials)\/.+\.js$/,
	/^dist\/nodes\/Dibby\/[\w.]+\.svg$/,
	/^dist\/nodes\/Dibby\/Dibby\.node\.json$/,
	/^dist\/nodes\/Dibby\/__schema__\/v1\.0\.0\/run\/\w+\.json$/,
	/^index\.js$/,
	/^package\.json$/,
	/^(README|LICENSE|CHANGELOG)\.md$/,
];

describe('what npm would publish', () => {
	let files: string[];
	beforeAll(async () => {
		files = (await npmPack('--dry-run')).files.map((file) => file.path);
	});

	test('holds only what n8n loads and people read', () => {
		const unwanted = files.filter((file) => !WANTED.some((wanted) => wanted.test(file)));
		expect(unwanted).toEqual([]);
	});

	test('holds what people read, and every file that package.json and the node name', () => {
		const pages = ['README.md', 'LICENSE.md', 'CHANGELOG.md'];
		const named = [...manifest.n8n.nodes, ...manifest.n8n.credentials, manifest.main];
		const icons = ['dibby.svg', 'dibby.dark.svg'];
		const beside = [...icons, 'Dibby.node.json', '__schema__/v1.0.0/run/triggerRun.json'];
		const all = [...pages, ...named, ...beside.map((file) => `dist/nodes/Dibby/${file}`)];
		expect(files).toEqual(expect.arrayContaining(all));
	});

	test('holds the compiled form of sources that exist, and of nothing else', () => {
		const sources = files.flatMap((file) => {
			const [, name] = /^dist\/(.+)\.js$/.exec(file) ?? [];
			return name === undefined ? [] : [`${name}.ts`];
		});
		expect(sources.filter((file) => !existsSync(path.join(project, file)))).toEqual([]);
	});

	test('holds every file that its code requires', () => {
		const missing = files
			.filter((file) => file.endsWith('.js'))
			.flatMap((file) => {
				const code = readFileSync(path.join(project, file), 'utf8');
				return [...code.matchAll(/require\("(\.[^"]+)"\)/g)].map(([, target]) =>
					path.posix.join(path.posix.dirname(file), `${String(target).replace(/\.js$/, '')}.js`),
				);
			})
			.filter((file) => !files.includes(file));
		expect(missing).toEqual([]);
	});
});

describe('package.json', () => {
	test('brings no packages and runs nothing when it is installed', () => {
		const bringing = ['dependencies', 'optionalDependencies', 'bundledDependencies', 'overrides'];
		for (const name of bringing) expect(manifest).not.toHaveProperty(name);
		const running = /^(install|prepare|pack|publish|(pre|post).*)$/;
		expect(Object.keys(manifest.scripts).filter((name) => running.test(name))).toEqual([]);
	});

	test('has commands that set up by themselves: npm runs no pre script with ignore-scripts, as .npmrc has it', () => {
		const { scripts } = manifest;
		expect(readFileSync(path.join(project, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
		const names = ['demo', 'start', 'dev', 'test', 'test:versions', 'test:mutation', 'bench'];
		for (const name of names) expect(scripts[name]).toMatch(/^node scripts\/setup\.js && /);
		for (const name of ['test:e2e', 'test:queue']) expect(scripts[name]).toMatch(/^npm test -- /);
	});
});
