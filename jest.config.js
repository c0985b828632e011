const { createRequire } = require('module');

/**
 * `npm test` runs what needs neither a whole n8n nor a browser. The other projects run by name
 * (`--selectProjects e2e`), or when a path of theirs is given. Tests are `.cts`: see CONTRIBUTING.md for why.
 */

/** Packages that come as modules, which jest runs as CommonJS. */
const ES_MODULES = '(unpdf|get-port)/';

/** n8n's packages from another folder: `npm run test:versions` runs the engine's tests with other versions of n8n. */
const n8nFolder = process.env.N8N_CORE_FOLDER;
const fromN8nFolder =
	n8nFolder &&
	Object.fromEntries(
		['n8n-core', 'n8n-workflow', 'luxon'].map((name) => [
			`^${name}$`,
			createRequire(`${n8nFolder}/package.json`).resolve(name),
		]),
	);

const RENEWING = { setupFiles: ['<rootDir>/test/support/renew.js'] };

const project = (displayName, tests, more = {}) => ({
	displayName,
	testMatch: [`<rootDir>/test/${tests}.test.cts`],
	testEnvironment: 'node',
	moduleFileExtensions: ['js', 'cts', 'ts', 'json', 'node'],
	transform: {
		[`\\.c?ts$|${ES_MODULES}.+js$`]: [
			'@swc/jest',
			{ jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
		],
	},
	transformIgnorePatterns: [`/node_modules/(?!${ES_MODULES})`],
	moduleNameMapper: {
		// The package exports it for `import` alone.
		'^unpdf/pdfjs$': '<rootDir>/node_modules/unpdf/dist/pdfjs.mjs',
		...fromN8nFolder,
	},
	roots: ['dist', 'sandbox', 'test'].map((folder) => `<rootDir>/${folder}`),
	modulePathIgnorePatterns: n8nFolder ? [] : ['<rootDir>/\\.n8n/'],
	...more,
});

const byDefault = [
	project('unit', 'unit/**/*'),
	project('engine', 'engine/**/*'),
	project('faults', 'faults/**/*'),
	project('tools', 'tools/**/*'),
];

const byName = [
	project('e2e', 'e2e/**/*'),
	project('queue', 'queue/**/*'),
	project('sleep', 'sleep/**/*'),
	project('browser', 'e2e/browser'),
	// The same tests as those of browser; they also take the pictures in docs/images.
	project('screenshots', 'e2e/browser', RENEWING),
];

/** The projects that a command line is about. */
function wanted(parameters) {
	if (parameters.some((parameter) => /^--selectProjects\b/.test(parameter))) {
		return [...byDefault, ...byName];
	}
	const isNamed = ({ displayName }) =>
		parameters.some((parameter) =>
			new RegExp(`test/${displayName}|\\b${displayName}/`).test(parameter),
		);
	return [...byDefault, ...byName.filter(isNamed)];
}

module.exports = {
	projects: wanted(process.argv.slice(2)),
	// jest's own default leaves one processor idle, which is half of two.
	maxWorkers: '100%',
	// For a machine that is busy with other things: no test measures how fast it is.
	testTimeout: 300_000,
	globalSetup: '<rootDir>/test/support/temporarySetup.cts',
	globalTeardown: '<rootDir>/test/support/temporaryTeardown.cts',
	// The compiled code is what runs; source maps lead the figures back to the sources.
	coverageProvider: 'v8',
	collectCoverageFrom: ['dist/nodes/**/*.js', 'dist/credentials/**/*.js', '!dist/**/types.js'],
	coverageThreshold: { global: { statements: 95 } },
};
