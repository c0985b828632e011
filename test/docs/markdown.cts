import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const PROJECT = path.resolve(__dirname, '..', '..');

const FOLDERS = ['.', 'docs', '.github', 'examples', 'test', 'benchmarks', 'sandbox'];

/** Every page that we write, wherever it lies: its path inside the project, and its text. */
export function pages(): Array<{ file: string; text: string }> {
	return FOLDERS.flatMap((folder) =>
		readdirSync(path.join(PROJECT, folder))
			.filter((name) => name.endsWith('.md'))
			.map((name) => path.join(folder, name)),
	).map((file) => ({ file, text: readFileSync(path.join(PROJECT, file), 'utf8') }));
}

/** The paths of a folder's TypeScript files, at any depth. */
export const sourcesIn = (folder: string) =>
	readdirSync(path.join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.map((name) => path.join(PROJECT, folder, name));

/** Targets of links and pictures: `docs/dibby.md#open-questions`. */
export function linksIn(text: string): string[] {
	const inText = [...withoutCode(text).matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)];
	const inHtml = [...text.matchAll(/(?:src|href)="([^"]+)"/g)];
	return [...inText, ...inHtml].map(([, target]) => String(target));
}

/** The names by which other pages can link to a page's headings, as GitHub makes them. */
export function anchorsIn(text: string): Set<string> {
	const headings = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/^#{1,6} (.+)$/gm)];
	return new Set(
		headings.map(([, heading]) =>
			String(heading)
				.toLowerCase()
				.replace(/[^\p{L}\p{N}\s_-]/gu, '')
				.trim()
				.replace(/\s/g, '-'),
		),
	);
}

/** What stands in code: blocks and spans. */
export function codeIn(text: string): string[] {
	const blocks = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].map(([, code]) => String(code));
	const spans = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)];
	return [...blocks, ...spans.map(([, code]) => String(code))];
}

/** What is printed bold. */
export function boldIn(text: string): string[] {
	const found = [...withoutCode(text).matchAll(/\*\*([^*]+?)\*\*/g)];
	return found.map(([, bold]) => String(bold).replace(/\s+/g, ' '));
}

function withoutCode(text: string): string {
	return text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
}
