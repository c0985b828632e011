const { existsSync, readdirSync, rmSync } = require('fs');
const { join } = require('path');
const { dest, parallel, src } = require('gulp');

/** What n8n loads beside the compiled code: icons, the codex and samples, at the paths the compiled files name. */
const icons = () => src('nodes/**/*.svg', { encoding: false }).pipe(dest('dist/nodes'));
const codex = () => src('nodes/**/*.node.json').pipe(dest('dist/nodes'));
/** What the editor shows as the node's output before it was executed for the first time. */
const schemas = () => src('nodes/**/__schema__/**/*.json').pipe(dest('dist/nodes'));
const credentialIcons = () =>
	src('credentials/**/*.svg', { encoding: false }).pipe(dest('dist/credentials'));

/** The compiled form of a source that was renamed or deleted would be published with the rest. */
const leftovers = async () => {
	for (const file of readdirSync('dist', { recursive: true })) {
		const source = file.replace(/(\.js|\.js\.map|\.d\.ts)$/, '.ts');
		if (source !== file && !existsSync(source)) rmSync(join('dist', file));
	}
};

exports.default = parallel(icons, codex, schemas, credentialIcons, leftovers);
