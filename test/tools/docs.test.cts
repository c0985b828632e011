import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

import { anchorsIn, boldIn, codeIn, columnOf, linksIn, PROJECT, pages } from '../docs/markdown.cts';
import { KNOWN_NAMES, namesOf, textsOf } from '../docs/parameters.cts';
import { loadPackage } from '../support/dibbyPackage.cts';

const all = pages();
const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** npm's own commands, which need no script. */
const NPM_ITSELF = new Set(['install', 'ci', 'version', 'publish', 'view', 'pack']);

/** What is in bold and in title case, and belongs to n8n or to this documentation rather than to the node. */
const OTHERS_NAMES = new Set([
	...[
		'Install',
		'Install Node',
		'+',
		'On Error',
		'Retry On Fail',
		'Execute Workflow',
		'Retry',
		'Import from File',
	],
	...KNOWN_NAMES,
]);

test('there are pages, with links, commands and names', () => {
	expect(all.map(({ file }) => file)).toEqual(
		expect.arrayContaining([
			'README.md',
			'CONTRIBUTING.md',
			'docs/architecture.md',
			'.github/PULL_REQUEST_TEMPLATE.md',
		]),
	);
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

test('who publishes the package stands in package.json alone', () => {
	const named = /github\.com\/[\w-]+\/n8n-nodes-dibby|[\w.]+@(?!example\.)[\w-]+\.[a-z]+/gi;
	const folders = ['.github', 'nodes', 'credentials', 'examples', 'docs'];
	const files = folders.flatMap((folder) => filesIn(folder)).concat(all.map(({ file }) => file));
	expect(files).toContain(path.join('credentials', 'DibbyApi.credentials.ts'));
	expect(
		files
			.filter((file) => /\.(md|yml|ts|json)$/.test(file))
			.flatMap((file) => (read(file).match(named) ?? []).map((found) => `${file}: ${found}`)),
	).toEqual([]);
});

test("n8n leads the node's users to the page that npm makes of the README", () => {
	const { name } = JSON.parse(read('package.json')) as { name: string };
	const { resources } = JSON.parse(read('nodes/Dibby/Dibby.node.json')) as {
		resources: Record<string, Array<{ url: string }>>;
	};
	const page = `https://www.npmjs.com/package/${name}`;
	const credential = read('credentials/DibbyApi.credentials.ts');
	const [, documentation] = /documentationUrl = '([^']+)'/.exec(credential) ?? [];
	expect(documentation).toBe(`${page}#credential`);
	expect(anchorsIn(read('README.md'))).toContain('credential');
	expect(resources).toEqual({
		credentialDocumentation: [{ url: `${page}#credential` }],
		primaryDocumentation: [{ url: page }],
	});
});

test('every npm command exists', () => {
	const missing = all.flatMap(({ file, text }) =>
		codeIn(text)
			.flatMap((code) => [...code.matchAll(/\bnpm (run )?([a-z][\w:-]*)/g)])
			.filter(([, run, name]) => {
				const command = String(name);
				return !(command in scripts) && (run !== undefined || !NPM_ITSELF.has(command));
			})
			.map(([command]) => `${file}: ${command}`),
	);
	expect(missing).toEqual([]);
});

test('every file of the project that is named in code exists', () => {
	const missing = all.flatMap(({ file, text }) =>
		codeIn(text)
			.flatMap((code) => [
				...code.matchAll(
					/(?<![\w./@-])(?:nodes|credentials|sandbox|examples|test|benchmarks|docs|\.github|\.ci)\/[\w./-]+/g,
				),
			])
			.map(([name]) => name.replace(/[.,:]$/, ''))
			.filter((name) => !existsSync(path.join(PROJECT, name)))
			.map((name) => `${file}: ${name}`),
	);
	expect(missing).toEqual([]);
});

test('parameters that are named in bold exist', async () => {
	const { node, credential } = await loadPackage();
	const names = namesOf([
		...textsOf(node.description.properties),
		...textsOf(credential.properties),
	]);
	const titleCase = /^[A-Z][\w()]*( (at|to|of|the|for|from|With|an|a|in|on|[A-Z(][\w()]*))*$/;
	const unknown = all
		.filter(
			({ file }) => file === 'README.md' || file.startsWith('docs') || file.startsWith('examples'),
		)
		.flatMap(({ file, text }) =>
			boldIn(text)
				.filter((bold) => titleCase.test(bold) && !names.has(bold) && !OTHERS_NAMES.has(bold))
				.map((bold) => `${file}: ${bold}`),
		);
	expect(unknown).toEqual([]);
});

function filesIn(folder: string): string[] {
	return readdirSync(path.join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
		.map((name) => path.join(folder, name))
		.filter((name) => statSync(path.join(PROJECT, name)).isFile());
}

/** The texts in the code of the node and its credential, out of which its messages are made. */
function textsInCode(folder: string): string {
	const root = path.join(PROJECT, folder);
	const code = readdirSync(root, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => readFileSync(path.join(root, name), 'utf8').replace(/\/\*[\s\S]*?\*\//g, ''))
		.join('\n');
	const literals = code.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g);
	return [...literals].map(([literal]) => literal.slice(1, -1)).join('\n');
}

/** The words of a message that stand in the code as they are: without what is put in, and what may be left out. */
const fixedParts = (message: string) =>
	message
		.split(
			/"[^"]*"|\d+|…|[(),;]| after | or | not (?=JSON|a run)| (?=the file in|for the input)|(?= must be| has the value)/,
		)
		.map((part) => part.trim())
		.filter((part) => part.length > 3);

test('every test that is named as a proof exists', () => {
	const proofs = columnOf(read('docs/reliability.md'), 'What proves it', 2).flatMap((tests) =>
		tests.split(';').flatMap((part) => {
			const [, file = ''] = /`(test\/[^`]+)`/.exec(part) ?? [];
			const titles = [...part.matchAll(/“([^”]+)”/g)].map(([, title]) => title ?? '');
			return [file, ...titles].map((named) => ({ file, named }));
		}),
	);
	expect(proofs.length).toBeGreaterThan(20);
	const wrong = proofs.filter(({ file, named }) =>
		named === file
			? !existsSync(path.join(PROJECT, file))
			: !read(file).includes(named) && !read(file).includes(named.replace("'", "\\'")),
	);
	expect(wrong).toEqual([]);
});

test.each([
	['When something goes wrong', 'nodes/Dibby', 25],
	['When the credential is tested', 'credentials', 8],
])(
	'every message under “%s” in docs/errors.md is one that the node can give',
	(section, folder, count) => {
		const rows = columnOf(read('docs/errors.md'), section);
		expect(rows.length).toBeGreaterThan(count);
		const source = textsInCode(folder);
		expect(fixedParts('The node is tired').every((part) => source.includes(part))).toBe(false);
		const wrong = rows.filter((row) => !fixedParts(row).every((part) => source.includes(part)));
		expect(wrong).toEqual([]);
	},
);

test('every message about what was entered is in docs/errors.md, or in docs/sleep.md', () => {
	const code = filesIn('nodes')
		.filter((name) => name.endsWith('.ts'))
		.map(read)
		.join('\n');
	const found = [...code.matchAll(/\binputError\(\s*(['"`])((?:(?!\1)[^\\])+)\1/g)];
	const messages = found.map(([, , text]) => String(text));
	expect(messages.length).toBeGreaterThan(15);
	const pages = `${read('docs/errors.md')}${read('docs/sleep.md')}`;
	const isThere = (message: string) =>
		message.split(/:?\s*\$\{[^}]*\}/).every((part) => pages.includes(part.trim()));
	expect(messages.filter((message) => !isThere(message))).toEqual([]);
});

test('every message about an answer or a failure of Dibby is in docs/errors.md', () => {
	const code = ['responseErrors', 'runErrors', 'networkErrors']
		.map((name) => read(`nodes/Dibby/api/${name}.ts`))
		.join('\n');
	const found = [...code.matchAll(/(?:message:|\berror\()\s*(['"`])((?:(?!\1)[^\\])+)\1/g)];
	const messages = found.map(([, , text]) => String(text).split(/\$\{| \(HTTP/)[0] ?? '');
	expect(messages.length).toBeGreaterThan(20);
	const rows = columnOf(read('docs/errors.md'), 'When something goes wrong').join('\n');
	expect(messages.filter((message) => !rows.includes(message.trim()))).toEqual([]);
});
