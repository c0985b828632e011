import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import execa from 'execa';

import { packProject } from '../../sandbox/editor/pack.cts';
import { PROJECT_FOLDER } from '../../sandbox/editor/paths.cts';

/** The part of n8n's scanner that looks at files; the rest downloads a published package and its sources. */
interface Scanner {
	analyzePackage: (folder: string, patterns?: string[]) => Promise<Verdict>;
	/** What the scanner looks at in the sources that a package was built from. */
	SOURCE_FILE_PATTERNS: string[];
}

type Verdict = { passed: boolean; message?: string; details?: string };

/** What the scanner looks at in a published package. */
const PUBLISHED = ['**/*.js', 'package.json'];

/**
 * `npm run scan`: what n8n's scanner says of the package and its sources, before they are published.
 * The scanner itself can only look at what is on npm already; its rules are the same ones.
 */
async function scan(): Promise<void> {
	const name = '@n8n/scan-community-package/scanner/scanner.mjs';
	const { analyzePackage, SOURCE_FILE_PATTERNS } = (await import(name)) as Scanner;
	const { tarball, files } = await packProject();
	// Outside the project, so that no configuration of it applies.
	const folder = mkdtempSync(path.join(tmpdir(), 'dibby-scan-'));
	try {
		await execa('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
		report(`The package (${files.length} files)`, await analyzePackage(folder, PUBLISHED));
		report('The sources', await analyzePackage(PROJECT_FOLDER, SOURCE_FILE_PATTERNS));
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function report(what: string, { passed, message, details }: Verdict): void {
	if (passed && message === undefined) {
		console.log(`${what}: passed`);
		return;
	}
	console.log(`${what}: ${message ?? 'failed'}\n${details ?? ''}`);
	process.exitCode = 1;
}

void scan();
