// Runs first in each command of package.json that needs packages or the built node. It is plain JavaScript that any Node
// can read, since on a fresh clone nothing is installed yet; with nothing to do it takes milliseconds. It is no `pre…` script:
// npm runs none of them with ignore-scripts, without which installing fails with some versions of Node (.npmrc).
const { spawnSync } = require('child_process');
const { readFileSync, readdirSync, statSync } = require('fs');
const { join } = require('path');

const project = join(__dirname, '..');

checkNode();
if (!isInstalled()) {
	console.log("Installing the project's own packages (takes about a minute the first time) ...");
	// Not `npm ci`: it refuses a lock file without the optional binaries of every other platform, and a
	// registry mirror may lack some. This takes the locked versions too, and leaves the lock file alone.
	npm(
		['install', '--no-save', '--loglevel=error'],
		"The project's packages could not be installed",
	);
}
if (!isBuilt()) {
	npm(['run', '--silent', 'build'], 'The node could not be built');
}

function checkNode() {
	const engines = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).engines;
	const wanted = /(\d+)\.(\d+)/.exec(engines.node);
	const found = process.versions.node.split('.').map(Number);
	if (found[0] > Number(wanted[1])) return;
	if (found[0] === Number(wanted[1]) && found[1] >= Number(wanted[2])) return;
	const needed = `This needs Node ${wanted[0]} or newer, and this is Node ${process.versions.node}`;
	end(`${needed}: install a newer one from nodejs.org, then run this again.`);
}

/** npm writes its own lock file into node_modules last: it is absent after an interrupted installation. */
function isInstalled() {
	const there = join('node_modules', '.package-lock.json');
	if (changed(there) === undefined) return false;
	const wanted = packagesIn('package-lock.json');
	const found = packagesIn(there);
	return Object.keys(wanted).every((name) => {
		const entry = wanted[name];
		if (name === '' || entry.optional || entry.peer) return true;
		return found[name] !== undefined && found[name].version === entry.version;
	});
}

function packagesIn(lockFile) {
	return JSON.parse(readFileSync(join(project, lockFile), 'utf8')).packages;
}

/** Whether each file that the build makes is there, none is older than what it is made of, and no other is left over. */
function isBuilt() {
	const tools = ['tsconfig.json', 'gulpfile.js', 'node_modules/.package-lock.json'].map(changed);
	const sources = filesIn('nodes').concat(filesIn('credentials'));
	const isMade = (source) => {
		const made = changed(join('dist', source.replace(/\.ts$/, '.js')));
		// Copied files keep the time of their sources.
		const makers = /\.ts$/.test(source) ? tools.concat(changed(source)) : [changed(source)];
		return makers.every((time) => made >= time);
	};
	const hasSource = (file) =>
		changed(file.replace(/^dist./, '').replace(/\.js$/, '.ts')) !== undefined;
	if (!sources.every(isMade)) return false;
	const compiled = filesIn('dist').filter((file) => /\.js$/.test(file));
	return compiled.every(hasSource);
}

function filesIn(folder) {
	return readdirSync(join(project, folder)).reduce((all, name) => {
		const file = join(folder, name);
		return all.concat(statSync(join(project, file)).isDirectory() ? filesIn(file) : file);
	}, []);
}

/** When a file was changed last, in whole milliseconds as a copy has them; undefined where there is none. */
function changed(file) {
	try {
		return Math.floor(statSync(join(project, file)).mtimeMs);
	} catch (error) {
		return undefined;
	}
}

function npm(parameters, failure) {
	const script = process.env.npm_execpath;
	const options = { cwd: project, stdio: 'inherit' };
	const done = script
		? spawnSync(process.execPath, [script].concat(parameters), options)
		: spawnSync('npm', parameters, Object.assign({ shell: true }, options));
	if (done.status !== 0) end(`${failure}: the reason is above. Once it is mended, run this again.`);
}

function end(sentence) {
	console.error(sentence);
	process.exit(1);
}
