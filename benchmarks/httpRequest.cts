import { WORKFLOWS } from '../sandbox/workflows.cts';

/** n8n's own HTTP Request node. */
export const HTTP_REQUEST = { type: 'n8n-nodes-base.httpRequest', typeVersion: 4.2 };

/** Starts a run of the echo workflow as people set it up: a bearer token, and an expression in the JSON body. */
export const httpRequestParameters = (baseUrl: string) => ({
	method: 'POST',
	url: `${baseUrl}/runs`,
	authentication: 'genericCredentialType',
	genericAuthType: 'httpBearerAuth',
	sendBody: true,
	specifyBody: 'json',
	jsonBody: `={"workflowId":"${WORKFLOWS.echo.id}","inputs":{"n":{{ $json.n }}}}`,
	options: {},
});
