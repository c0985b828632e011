/** Tests are `.cts`: see CONTRIBUTING.md for why. The heavy suites run by name, each through its own npm script. */
module.exports = {
	testEnvironment: 'node',
	testMatch: ['<rootDir>/test/{unit,engine,faults}/**/*.test.cts'],
	moduleFileExtensions: ['js', 'cts', 'ts', 'json', 'node'],
	transform: {
		'^.+\\.c?ts$': [
			'@swc/jest',
			{ jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
		],
	},
	modulePathIgnorePatterns: ['<rootDir>/\\.n8n/'],
};
