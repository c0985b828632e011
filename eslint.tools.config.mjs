import tseslint from 'typescript-eslint';

/**
 * For tools and tests, which are `.cts`: n8n's own rules are for code that runs inside n8n, and apply to `.ts` only.
 * Run by `npm run lint`.
 */
export default tseslint.config(
	{ ignores: ['.n8n/**', 'dist/**'] },
	{
		files: ['**/*.cts'],
		extends: [tseslint.configs.recommendedTypeChecked],
		languageOptions: {
			parserOptions: { project: './tsconfig.tools.json', tsconfigRootDir: import.meta.dirname },
		},
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		rules: {
			// Functions that only throw or return a promise are async, so that they never throw at once.
			'@typescript-eslint/require-await': 'off',
		},
	},
);
