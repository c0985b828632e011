import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { npmPack } from '../../sandbox/editor/pack.cts';

const project = path.join(__dirname, '..', '..');

/** The package's description of itself, as far as it matters here. */
interface Manifest {
	name: string;
	keywords: string[];
	license: string;
	main: string;
	scripts: Record<string, string>;
	dependencies?: object;
	optionalDependencies?: object;
	bundledDependencies?: object;
	overrides?: object;
	peerDependencies: object;
	n8n: { n8nNodesApiVersion: number; strict: boolean; credentials: string[]; nodes: string[] };
}

const manifest = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8')) as Manifest;

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

	test('holds README, licence and changelog', () => {
		expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE.md', 'CHANGELOG.md']));
	});

	test('holds every file that package.json and the node name', () => {
		const named = [...manifest.n8n.nodes, ...manifest.n8n.credentials, manifest.main];
		const beside = [
			'dibby.svg',
			'dibby.dark.svg',
			'Dibby.node.json',
			'__schema__/v1.0.0/run/triggerRun.json',
		].map((file) => `dist/nodes/Dibby/${file}`);
		expect(files).toEqual(expect.arrayContaining([...named, ...beside]));
	});

	test('holds the compiled form of sources that exist, and of nothing else', () => {
		const orphans = files
			.filter((file) => file.startsWith('dist/') && file.endsWith('.js'))
			.filter(
				(file) =>
					!existsSync(path.join(project, file.replace(/^dist\//, '').replace(/\.js$/, '.ts'))),
			);
		expect(orphans).toEqual([]);
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
		const { dependencies, optionalDependencies, bundledDependencies, overrides, scripts } =
			manifest;
		expect({ dependencies, optionalDependencies, bundledDependencies, overrides }).toEqual({});
		const atInstallation = Object.keys(scripts).filter((name) =>
			/^(pre|post)?(install|prepare|pack|publish)$|^prepublishOnly$/.test(name),
		);
		expect(atInstallation).toEqual([]);
	});

	test('has commands that set up by themselves: npm runs no pre script with ignore-scripts, as .npmrc has it', () => {
		const { scripts } = manifest;
		expect(readFileSync(path.join(project, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
		expect(Object.keys(scripts).filter((name) => /^(pre|post)/.test(name))).toEqual([]);
		for (const name of [
			'demo',
			'start',
			'dev',
			'test',
			'test:versions',
			'test:mutation',
			'bench',
		]) {
			expect(scripts[name]).toMatch(/^node scripts\/setup\.js && /);
		}
		for (const name of ['test:e2e', 'test:queue']) expect(scripts[name]).toMatch(/^npm test -- /);
	});

	test('is what n8n looks for', () => {
		expect(manifest.name).toMatch(/^n8n-nodes-[a-z0-9-]+$/);
		expect(manifest.keywords).toContain('n8n-community-node-package');
		expect(manifest.license).toBe('MIT');
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
		expect(manifest.n8n).toMatchObject({ n8nNodesApiVersion: 1, strict: true });
	});
});
