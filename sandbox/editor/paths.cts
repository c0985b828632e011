import path from 'node:path';

/** The n8n that everything is tested with, unless you ask for another one. */
export const DEFAULT_N8N_VERSION = '2.40.7';

export const PROJECT_FOLDER = path.resolve(__dirname, '..', '..');

/** Everything that's downloaded or created for a real n8n. Git ignores it, and it can be deleted. */
export const WORK_FOLDER = path.join(PROJECT_FOLDER, '.n8n');

/** The sandbox's usual port. */
export const SANDBOX_PORT = 4010;
