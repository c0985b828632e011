import path from 'node:path';

/** The n8n that everything here is tried with, unless another is asked for. */
export const DEFAULT_N8N_VERSION = '2.40.7';

export const PROJECT_FOLDER = path.resolve(__dirname, '..', '..');

/** Everything that is fetched or made for the editor. Git ignores it; deleting it is safe. */
export const WORK_FOLDER = path.join(PROJECT_FOLDER, '.n8n');

/** Where one version of n8n and what belongs to it lie. */
export interface VersionFolders {
	/** npm's folder: its `node_modules` holds n8n. */
	root: string;
	/** Written when the installation is complete; without it the folder holds half an installation. */
	marker: string;
	/** The file that starts n8n. */
	bin: string;
	/**
	 * Parent of the folders to give n8n as N8N_USER_FOLDER. It lies beside n8n's `node_modules`, so
	 * that an installed community package finds n8n's own `n8n-workflow`, as it does at a user's, and
	 * not the copy that this project is developed with.
	 */
	users: string;
}

export function versionFolders(version: string, workFolder = WORK_FOLDER): VersionFolders {
	const root = path.join(workFolder, version);
	return {
		root,
		marker: path.join(root, 'installed.json'),
		bin: path.join(root, 'node_modules', 'n8n', 'bin', 'n8n'),
		users: path.join(root, 'users'),
	};
}
