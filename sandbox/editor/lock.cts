import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 500;

/**
 * Runs work that two processes must not do at once. The file holds the owner's process number: a lock
 * whose owner is gone (killed while installing) is taken over.
 * @param onWait called once when another process has the lock
 */
export async function withLock<T>(
	file: string,
	work: () => Promise<T>,
	onWait: (pid: number) => void,
): Promise<T> {
	mkdirSync(path.dirname(file), { recursive: true });
	let told = false;
	while (!take(file)) {
		const owner = ownerOf(file);
		if (owner === undefined || !isAlive(owner)) {
			rmSync(file, { force: true });
			continue;
		}
		if (!told) onWait(owner);
		told = true;
		await sleep(LOOK_AGAIN_MS);
	}
	try {
		return await work();
	} finally {
		rmSync(file, { force: true });
	}
}

function take(file: string): boolean {
	// Written first and linked then, so that nobody sees the lock without its owner's number.
	const own = `${file}.${process.pid}`;
	writeFileSync(own, String(process.pid));
	try {
		linkSync(own, file);
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
		throw error;
	} finally {
		rmSync(own, { force: true });
	}
}

function ownerOf(file: string): number | undefined {
	try {
		const pid = Number(readFileSync(file, 'utf8'));
		return Number.isInteger(pid) && pid > 0 ? pid : undefined;
	} catch {
		// Released between the two looks.
		return undefined;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// EPERM: it lives, under another user.
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}
