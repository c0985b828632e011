import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from './userError.cts';

const LOOK_AGAIN_MS = 500;

/**
 * Takes a lock that ends with this process at the latest: the file holds the owner's process number, and
 * a lock whose owner is gone (killed while installing) is taken over.
 * @returns a function that gives the lock back, or the number of the process that has it
 */
export function tryLock(file: string): (() => void) | number {
	mkdirSync(path.dirname(file), { recursive: true });
	while (!take(file)) {
		const owner = ownerOf(file);
		if (owner !== undefined && isAlive(owner)) return owner;
		rmSync(file, { force: true });
	}
	const release = () => rmSync(file, { force: true });
	process.once('exit', release);
	return () => {
		process.off('exit', release);
		release();
	};
}

/**
 * Runs work that two processes must not do at once.
 * @param onWait called once when another process has the lock
 */
export async function withLock<T>(
	file: string,
	work: () => Promise<T>,
	onWait: (pid: number) => void,
): Promise<T> {
	let told = false;
	for (;;) {
		const lock = tryLock(file);
		if (typeof lock === 'function') {
			try {
				return await work();
			} finally {
				lock();
			}
		}
		if (!told) onWait(lock);
		told = true;
		await sleep(LOOK_AGAIN_MS);
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
		if (hasCode(error, 'EEXIST')) return false;
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

/** Whether a process of that number runs. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		// EPERM: it lives, under another user.
		return hasCode(error, 'EPERM');
	}
}
