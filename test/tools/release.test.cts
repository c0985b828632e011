import { releaseProblem } from '../package/checkRelease.cts';
import type { Manifest } from '../package/checkRelease.cts';

const CHANGELOG = `# Changelog
## [Unreleased]
## [1.1.0] - 2026-12-01
### Fixed
- Something.
## [1.0.0] - unreleased
- Everything.
## [0.9.0] - 2026-10-01
### Added
`;
const README = 'Clone https://github.com/acme/n8n-nodes-dibby';

const manifest = (more: Partial<Manifest> = {}): Manifest => ({
	version: '1.1.0',
	homepage: 'https://github.com/acme/n8n-nodes-dibby#readme',
	author: { name: 'ACME', email: 'nodes@acme.example' },
	repository: { url: 'git+https://github.com/acme/n8n-nodes-dibby.git' },
	...more,
});

test('a tag with its version and a dated section can be published', () => {
	expect(releaseProblem('v1.1.0', manifest(), CHANGELOG, README)).toBeUndefined();
});

const REPOSITORY = 'https://github.com/OWNER/n8n-nodes-dibby';

test.each<[string, Partial<Manifest>]>([
	['PUBLISHER', { author: { name: 'PUBLISHER', email: 'nodes@acme.example' } }],
	['PUBLISHER@example.com', { author: { name: 'ACME', email: 'PUBLISHER@example.com' } }],
	[`${REPOSITORY}#readme`, { homepage: `${REPOSITORY}#readme` }],
	[`git+${REPOSITORY}.git`, { repository: { url: `git+${REPOSITORY}.git` } }],
])('the placeholder %s is held back', (placeholder, more) => {
	const problem = releaseProblem('v1.1.0', manifest(more), CHANGELOG, README);
	expect(problem).toMatch(`"${placeholder}" in package.json is a placeholder: `);
});

test('a README with a placeholder is held back', () => {
	const readme = README.replace('acme', 'OWNER');
	expect(releaseProblem('v1.1.0', manifest(), CHANGELOG, readme)).toMatch(/^README\.md links to a/);
});

test.each([
	['v1.1.0', '1.1.1', /the tag must be v1\.1\.1/],
	['1.1.0', '1.1.0', /the tag must be v1\.1\.0/],
	['v1.2.0', '1.2.0', /no section "## \[1\.2\.0\]/],
	['v1.0.0', '1.0.0', /has no date/],
	['v0.9.0', '0.9.0', /says nothing/],
])('%s of version %s is held back', (tag, version, problem) => {
	expect(releaseProblem(tag, manifest({ version }), CHANGELOG, README)).toMatch(problem);
});
