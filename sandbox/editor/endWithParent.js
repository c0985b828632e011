// Loaded into n8n with `node --require`. It reads from a pipe that closes when the process that started n8n ends,
// however it ends. Then n8n and everything it started end too.
const { Socket } = require('node:net');

const GRACE_MS = 3000;
const fd = Number(process.env.END_WITH_PARENT_FD);
// Programs that n8n starts have other files at that number.
delete process.env.END_WITH_PARENT_FD;

if (fd > 2) {
	const end = () => {
		process.kill(process.pid, 'SIGTERM');
		const group = process.platform === 'win32' ? process.pid : -process.pid;
		setTimeout(() => process.kill(group, 'SIGKILL'), GRACE_MS).unref();
	};
	new Socket({ fd, writable: false }).once('error', end).once('end', end).resume().unref();
}
