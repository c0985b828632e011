import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives all tests of a run one folder for what they make; n8n's engine leaves its storage behind. */
export default function setUp(): void {
	process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'n8n-nodes-dibby-test-'));
	// PostgreSQL, which runs as a user of its own, must get in.
	chmodSync(process.env.TMPDIR, 0o755);
}
