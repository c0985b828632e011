import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { clock } from '../../dist/nodes/Dibby/clock.js';

test('a process in which nothing else happens stays alive while the node waits, and ends after it', () => {
	const path = join(__dirname, '..', '..', 'dist', 'nodes', 'Dibby', 'clock.js');
	const script = `require(${JSON.stringify(path)}).clock.sleep(250).then(() => console.log('awake'))`;
	const options = { encoding: 'utf8', timeout: 100_000 } as const;
	expect(execFileSync(process.execPath, ['-e', script], options)).toBe('awake\n');
});

test('a sleep ends at once when its signal fires', async () => {
	const stop = new AbortController();
	const stopped = clock.sleep(600_000, stop.signal);
	stop.abort();
	const later = clock.sleep(600_000, stop.signal);
	const minute = pause(60_000, 'a minute is over', { ref: false });
	const first = Promise.all([stopped, later]).then(() => 'both have ended');
	expect(await Promise.race([first, minute])).toBe('both have ended');
});

test('two hundred sleepers make Node.js warn of nothing', async () => {
	const warnings: string[] = [];
	const note = (warning: Error) => warnings.push(warning.name);
	process.on('warning', note);
	await Promise.all(Array.from({ length: 200 }, async () => await clock.sleep(5)));
	await new Promise((resolve) => setImmediate(resolve));
	process.off('warning', note);
	expect(warnings).toEqual([]);
});

test.each([2 ** 31, 1e12, Infinity])('a pause of %d ms does not end at once', async (long) => {
	const stop = new AbortController();
	let hasEnded = false;
	// No timer is as long.
	const sleeping = clock.sleep(long, stop.signal).then(() => (hasEnded = true));
	await pause(100);
	expect(hasEnded).toBe(false);
	stop.abort();
	await sleeping;
});
