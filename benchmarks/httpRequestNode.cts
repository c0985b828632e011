import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { INodeType, VersionedNodeType } from 'n8n-workflow';

import { DEFAULT_N8N_VERSION, versionFolders } from '../sandbox/editor/paths.cts';
import type { Step } from '../test/support/engine.cts';

/** The name under which n8n knows the node, and lets it use every credential. */
export const HTTP_REQUEST = 'n8n-nodes-base.httpRequest';
const VERSION = 4.2;

/** n8n's own HTTP Request node, from the n8n that is installed for the editor. */
export function loadHttpRequest(): INodeType {
	const { root } = versionFolders(DEFAULT_N8N_VERSION);
	const file = join(root, 'node_modules/n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js');
	const { HttpRequest } = createRequire(file)(file) as { HttpRequest: new () => VersionedNodeType };
	return new HttpRequest().getNodeType(VERSION);
}

/** The step as people configure it: bearer token, and an expression in the JSON body. All items at once, its default. */
export function httpRequest(url: string, jsonBody: string): Step {
	return {
		type: HTTP_REQUEST,
		typeVersion: VERSION,
		parameters: {
			method: 'POST',
			url: `${url}/runs`,
			authentication: 'genericCredentialType',
			genericAuthType: 'httpBearerAuth',
			sendBody: true,
			specifyBody: 'json',
			jsonBody,
			options: {},
		},
		credentials: { httpBearerAuth: { id: '1', name: 'Dibby account' } },
	};
}
