const { dest, parallel, src } = require('gulp');

/** What n8n loads beside the compiled code: icons and the codex, at the paths the compiled files name. */
const icons = () => src('nodes/**/*.svg', { encoding: false }).pipe(dest('dist/nodes'));
const codex = () => src('nodes/**/*.node.json').pipe(dest('dist/nodes'));
const credentialIcons = () =>
	src('credentials/**/*.svg', { encoding: false }).pipe(dest('dist/credentials'));

exports.default = parallel(icons, codex, credentialIcons);
