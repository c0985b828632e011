import { readFileSync } from 'node:fs';
import path from 'node:path';

import { sourcesIn } from '../docs/markdown.cts';

/** The folders from top to bottom, as docs/architecture.md lists them. A folder only knows those below it. */
const FOLDERS = ['operations', 'execution', 'sleep', 'output', 'waiting', 'api', 'input', '.'];
const NODE = path.join(__dirname, '..', '..', 'nodes', 'Dibby');

const files = sourcesIn('nodes/Dibby')
	.map((file) => path.relative(NODE, file).split(path.sep).join('/'))
	.filter((name) => name !== 'Dibby.node.ts');

const importsOf = (file: string) =>
	[...readFileSync(path.join(NODE, file), 'utf8').matchAll(/from '(\.[^']+)'/g)]
		.map(([, from = '']) => path.posix.join(path.posix.dirname(file), `${from}.ts`))
		.filter((imported) => !imported.startsWith('..'));

test('no file imports from a folder above its own', () => {
	const level = (file: string) => FOLDERS.indexOf(path.posix.dirname(file));
	const wrong = files.flatMap((file) =>
		importsOf(file)
			.filter((imported) => level(imported) < level(file))
			.map((imported) => `${file} imports ${imported}`),
	);
	expect(files.length).toBeGreaterThan(20);
	expect(files.filter((file) => level(file) < 0)).toEqual([]);
	expect(wrong).toEqual([]);
});

test('docs/architecture.md lists the folders in the same order', () => {
	const page = readFileSync(path.join(__dirname, '..', '..', 'docs', 'architecture.md'), 'utf8');
	const listed = [...page.matchAll(/^\| `(\w+)\/` \|/gm)].map(([, folder]) => folder);
	expect(listed.filter((folder = '') => FOLDERS.includes(folder))).toEqual(
		FOLDERS.filter((folder) => folder !== '.'),
	);
});

test('no imports go round in a circle', () => {
	const done = new Set<string>();
	const circles: string[] = [];
	const visit = (file: string, way: string[]) => {
		if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
		if (way.includes(file) || done.has(file)) return;
		for (const imported of importsOf(file)) visit(imported, [...way, file]);
		done.add(file);
	};
	files.forEach((file) => visit(file, []));
	expect(circles).toEqual([]);
});

test('no two files have the same name', () => {
	const names = files.map((file) => path.posix.basename(file));
	expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
