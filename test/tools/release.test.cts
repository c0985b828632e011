import { releaseProblems } from '../package/checkRelease.cts';

const CHANGELOG = `# Changelog
## [Unreleased]
## [1.1.0] - 2026-12-01
### Fixed
- Something.
## [1.0.0] - unreleased
- Everything.
## [0.9.0] - 2026-10-01
### Added
## [0.8.0] - unreleased
- Something of 2026-09-01
- More.
`;
const NODE = 'https://github.com/acme/n8n-nodes-dibby';

test.each<[tag: string, version: string, repository: string, problem: RegExp]>([
	['v1.1.0', '1.1.0', NODE, /^$/],
	['v1.1.0', '1.1.0', NODE.replace('acme', 'OWNER'), /^Replace OWNER and .*\nReplace .* README/],
	[
		'v1.1.0',
		'1.1.0',
		NODE.replace('acme', 'PUBLISHER'),
		/^Replace OWNER and .*\nReplace .* README/,
	],
	['v1.0.9', '1.1.0', NODE, /^The tag must be v1\.1\.0\.$/],
	['1.1.0', '1.1.0', NODE, /^The tag must be v1\.1\.0\.$/],
	['v1.2.0', '1.2.0', NODE, /^CHANGELOG\.md needs a section "## \[1\.2\.0\]/],
	['v1.0.0', '1.0.0', NODE, /^CHANGELOG/],
	['v0.9.0', '0.9.0', NODE, /^CHANGELOG/],
	['v0.8.0', '0.8.0', NODE, /^CHANGELOG/],
])('the tag %s of version %s in %s', (tag, version, homepage, problem) => {
	const manifest = JSON.stringify({ version, homepage });
	const problems = releaseProblems(tag, manifest, CHANGELOG, `Clone ${homepage}`).join('\n');
	expect(problems).toMatch(problem);
});
