// Loaded into a program that the editor's scripts start (node --require). It holds one end of a pipe
// whose other end closes when the starting process is gone, however that ended: even a SIGKILL, which
// no handler sees, leaves no n8n behind.
const { Socket } = require('node:net');

const GRACE_MS = 3000;
const descriptor = Number(process.env.END_WITH_PARENT_FD);

if (descriptor > 2) {
	// Programs started from here have other things at that number.
	delete process.env.END_WITH_PARENT_FD;
	const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
	const end = () => {
		process.kill(process.pid, 'SIGTERM');
		setTimeout(() => {
			// The whole group on POSIX, where it is led by this process.
			process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
		}, GRACE_MS).unref();
	};
	pipe.once('error', end);
	pipe.once('end', end);
	pipe.resume();
	pipe.unref();
}
