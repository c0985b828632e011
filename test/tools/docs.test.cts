import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { anchorsIn, boldIn, codeIn, linksIn, PROJECT, pages } from '../docs/markdown.cts';
import { KNOWN_NAMES, namesOf, textsOf } from '../docs/parameters.cts';
import { loadPackage } from '../support/dibbyPackage.cts';

const all = pages();
const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** npm's own commands, which need no script. */
const NPM_ITSELF = new Set(['install', 'ci', 'version', 'publish', 'view', 'pack']);

/** What is in bold and in title case, and belongs to n8n or to this documentation rather than to the node. */
const OTHERS_NAMES = new Set([
	...['Install', 'Install Node', '+', 'Settings', 'Dibby API', 'Retry', 'Retry On Fail'],
	...['Respond to Webhook', 'MCP Server Trigger'],
	...KNOWN_NAMES,
]);

test('there are pages, with links, commands and names', () => {
	const some = ['README.md', 'docs/architecture.md', '.github/PULL_REQUEST_TEMPLATE.md'];
	expect(all.map(({ file }) => file)).toEqual(expect.arrayContaining(some));
	expect(all.flatMap(({ text }) => linksIn(text)).length).toBeGreaterThan(20);
	expect(all.flatMap(({ text }) => boldIn(text)).length).toBeGreaterThan(20);
});

test('every link within the project leads somewhere', () => {
	const broken = all.flatMap(({ file, text }) =>
		linksIn(text)
			.filter((target) => !/^[a-z]+:/.test(target))
			.filter((target) => {
				const [name = '', anchor] = target.split('#');
				const page = name === '' ? file : path.join(path.dirname(file), decodeURIComponent(name));
				if (!existsSync(path.join(PROJECT, page))) return true;
				return anchor !== undefined && page.endsWith('.md') && !anchorsIn(read(page)).has(anchor);
			})
			.map((target) => `${file}: ${target}`),
	);
	expect(broken).toEqual([]);
});

test('links to the own repository are those of package.json, and lead somewhere', () => {
	const { repository } = JSON.parse(read('package.json')) as { repository: { url: string } };
	const [, name = ''] = /github\.com\/(.+)\.git$/.exec(repository.url) ?? [];
	const OWN = /(?:github|githubusercontent)\.com\/([\w-]+\/n8n-nodes-dibby)([^\s)"`]*)/g;
	const own = all.flatMap(({ file, text }) =>
		[...text.matchAll(OWN)].map(([, repo, rest = '']) => {
			return { file, repo, path: /^\/main\/(.+)/.exec(rest)?.[1] ?? '.' };
		}),
	);
	expect(own.length).toBeGreaterThan(5);
	expect(own.filter((link) => link.repo !== name)).toEqual([]);
	expect(own.filter((link) => !existsSync(path.join(PROJECT, link.path)))).toEqual([]);
});

test("n8n leads the node's users to the page that npm makes of the README", () => {
	const { name } = JSON.parse(read('package.json')) as { name: string };
	const { resources } = JSON.parse(read('nodes/Dibby/Dibby.node.json')) as {
		resources: Record<string, Array<{ url: string }>>;
	};
	const page = `https://www.npmjs.com/package/${name}`;
	const credential = read('credentials/DibbyApi.credentials.ts');
	const [, documentation] = /documentationUrl = '([^']+)'/.exec(credential) ?? [];
	expect(documentation).toBe(`${page}#credentials`);
	expect(anchorsIn(read('README.md'))).toContain('credentials');
	expect(resources).toEqual({
		credentialDocumentation: [{ url: `${page}#credentials` }],
		primaryDocumentation: [{ url: page }],
	});
});

/** What matches in the code of all pages. */
const inCode = (pattern: RegExp) =>
	all.flatMap(({ file, text }) => {
		const matches = codeIn(text).flatMap((code) => [...code.matchAll(pattern)]);
		return matches.map((found) => ({ file, found }));
	});

test('every npm command exists', () => {
	const missing = inCode(/\bnpm (run )?([a-z][\w:-]*)/g).filter(({ found: [, run, name = ''] }) => {
		return !(name in scripts) && (run !== undefined || !NPM_ITSELF.has(name));
	});
	expect(missing).toEqual([]);
});

/** A file, a folder, or the beginning of a file's name, which jest takes too. */
function isThere(name: string): boolean {
	const { dir, base } = path.parse(path.join(PROJECT, name));
	return existsSync(dir) && readdirSync(dir).some((entry) => entry.startsWith(base));
}

test('every file of the project that is named in code exists', () => {
	const FILE =
		/(?<![\w./@-])(?:nodes|credentials|sandbox|examples|test|benchmarks|docs|\.github|\.ci)\/[\w./-]+/g;
	const missing = inCode(FILE).filter(({ found: [name] }) => !isThere(name.replace(/[.,:]$/, '')));
	expect(missing).toEqual([]);
});

test('parameters that are named in bold exist', async () => {
	const { node, credential } = await loadPackage();
	const names = namesOf(textsOf([...node.description.properties, ...credential.properties]));
	const titleCase = /^[A-Z][\w()]*( (at|to|of|the|for|from|With|an|a|in|on|[A-Z(][\w()]*))*$/;
	const unknown = all
		.filter(({ file }) => /^(README|docs|examples)/.test(file))
		.flatMap(({ file, text }) =>
			boldIn(text)
				.filter((bold) => titleCase.test(bold) && !names.has(bold) && !OTHERS_NAMES.has(bold))
				.map((bold) => `${file}: ${bold}`),
		);
	expect(unknown).toEqual([]);
});

test('docs/errors.md quotes every message, and no others', () => {
	const folder = path.join(PROJECT, 'test', 'engine', '__snapshots__');
	const known = readdirSync(folder)
		.map((name) => readFileSync(path.join(folder, name), 'utf8'))
		.concat(read('nodes/Dibby/api/testCredential.ts'), read('nodes/Dibby/sleep/fallAsleep.ts'))
		.join('\n');
	const quoted = [...read('docs/errors.md').matchAll(/“([^”]+)”/g)].map(([, text]) => String(text));
	expect(quoted.length).toBeGreaterThan(10);
	const isKnown = (text: string) => text.split('…').every((part) => known.includes(part.trim()));
	expect(quoted.filter((text) => !isKnown(text))).toEqual([]);
	const inSnapshots = [...known.matchAll(/^exports.*\n"(.*?)(?: \[item 1\])?$/gm)];
	const messages = inSnapshots.map(([, text = '']) => text);
	expect(messages.length).toBeGreaterThan(50);
	const isQuoted = (message: string) =>
		quoted.some((text) => message.startsWith(text.split('…')[0]?.trim() ?? ''));
	// One row is about all parameters.
	const missing = messages.filter((message) => !isQuoted(message) && !/(^|\s)'[A-Z]/.test(message));
	expect([...new Set(missing)]).toEqual([]);
});

test('every place for figures is one that a command fills in', () => {
	const commands = ['benchmarks/main.cts', 'test/queue/scaling.cts', 'test/mutation/main.cts'];
	const code = commands.map(read).join();
	const places = all.flatMap(({ text }) => [...text.matchAll(/<!-- (\w+) -->/g)]);
	expect(places.length).toBeGreaterThan(10);
	const names = places.map(([, name]) => String(name));
	expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
});
