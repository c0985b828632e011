/** Tests are `.cts`: see CONTRIBUTING.md for why. The heavy suites run by name, each through its own npm script. */
module.exports = {
	testEnvironment: 'node',
	testMatch: ['<rootDir>/test/{unit,engine,faults}/**/*.test.cts'],
	globalSetup: '<rootDir>/test/support/temporarySetup.cts',
	globalTeardown: '<rootDir>/test/support/temporaryTeardown.cts',
	moduleFileExtensions: ['js', 'cts', 'ts', 'json', 'node'],
	transform: {
		'^.+\\.c?ts$': [
			'@swc/jest',
			{ jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
		],
	},
	// The compiled code is what runs; source maps lead the figures back to the sources.
	coverageProvider: 'v8',
	collectCoverageFrom: ['dist/nodes/**/*.js', 'dist/credentials/**/*.js', '!dist/**/types.js'],
	coverageThreshold: { global: { statements: 95 } },
	// n8n-core keeps timers of its own.
	forceExit: true,
	modulePathIgnorePatterns: ['<rootDir>/\\.n8n/'],
};
