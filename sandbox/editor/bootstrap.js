// The first file of `npm start` and `npm run dev`: plain JavaScript that any Node can read, since on a
// fresh machine neither TypeScript nor the project's packages are there yet.
const { existsSync, readFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const project = path.join(__dirname, '..', '..');

checkNode();
installProject();
require('tsx/cjs');
const [script] = process.argv.splice(2, 1);
require(path.join(__dirname, script));

function checkNode() {
	const { engines } = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8'));
	const wanted = /(\d+)\.(\d+)/.exec(engines.node);
	const [major, minor] = process.versions.node.split('.').map(Number);
	const [wantedMajor, wantedMinor] = wanted.slice(1).map(Number);
	if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
	console.error(
		'This needs Node ' +
			wanted[0] +
			' or newer, and this is Node ' +
			process.versions.node +
			'. Install a newer one from nodejs.org, then run this again.',
	);
	process.exit(1);
}

function installProject() {
	if (isInstalled()) return;
	console.log("Installing the project's own packages (takes about a minute the first time) ...");
	const npm = process.env.npm_execpath;
	// Not `npm ci`: it refuses a lock file without the optional binaries of every other platform, and a
	// registry mirror may lack some. This takes the locked versions too, and leaves the lock file alone.
	const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
	const installed = npm
		? spawnSync(process.execPath, [npm, ...args], { cwd: project, stdio: 'inherit' })
		: spawnSync('npm', args, { cwd: project, stdio: 'inherit', shell: true });
	if (installed.status === 0) return;
	console.error(
		"The project's packages could not be installed. npm says why above; with the network and the disk in order, run this again.",
	);
	process.exit(1);
}

/** npm writes its own lock file into node_modules last: it is absent after an interrupted installation. */
function isInstalled() {
	const there = path.join(project, 'node_modules', '.package-lock.json');
	if (!existsSync(there)) return false;
	const wanted = packagesIn(path.join(project, 'package-lock.json'));
	const found = packagesIn(there);
	return Object.entries(wanted).every(
		([name, entry]) =>
			name === '' || entry.optional || entry.peer || found[name]?.version === entry.version,
	);
}

function packagesIn(lockFile) {
	return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}
