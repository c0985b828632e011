import { rmSync } from 'node:fs';

/** Removes the folder that the set-up made. */
export default function tearDown(): void {
	const folder = process.env.TMPDIR ?? '';
	if (folder.includes('n8n-nodes-dibby-test-')) rmSync(folder, { recursive: true, force: true });
}
