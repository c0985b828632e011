import { releaseProblem } from '../package/changelog.cts';

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

test('a tag with its version and a dated section can be published', () => {
	expect(releaseProblem('v1.1.0', '1.1.0', CHANGELOG)).toBeUndefined();
});

test.each([
	['v1.1.0', '1.1.1', /the tag must be v1\.1\.1/],
	['1.1.0', '1.1.0', /the tag must be v1\.1\.0/],
	['v1.2.0', '1.2.0', /no section "## \[1\.2\.0\]/],
	['v1.0.0', '1.0.0', /has no date/],
	['v0.9.0', '0.9.0', /says nothing/],
])('%s of version %s is held back', (tag, version, problem) => {
	expect(releaseProblem(tag, version, CHANGELOG)).toMatch(problem);
});
