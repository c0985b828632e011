import type {
	IAuthenticate,
	ICredentialDataDecryptedObject,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
	Icon,
} from 'n8n-workflow';

import { validateBaseUrl, isSameOrigin } from './baseUrl';
import { tokenOf } from './token';

/** `nodes/Dibby/api/testCredential.ts` defines the credential test. The node refers to it in `testedBy`. */
export class DibbyApi implements ICredentialType {
	name = 'dibbyApi';

	displayName = 'Dibby API';

	icon: Icon = {
		light: 'file:../nodes/Dibby/dibby.svg',
		dark: 'file:../nodes/Dibby/dibby.dark.svg',
	};

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-dibby#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'Token',
			name: 'token',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'The API token of your Dibby account. It gives full access to the account.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://dibby.ai/api',
			required: true,
			description:
				'The base URL of the Dibby API. Change it only if Dibby gave you a different one.',
		},
	];

	/**
	 * Adds the bearer token, but only to requests to the credential's own Base URL.
	 *
	 * @throws Error with a message for the user
	 */
	authenticate: IAuthenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const problem = validateBaseUrl(credentials.baseUrl);
		if (problem !== undefined) throw new Error(problem);
		if (!isSameOrigin(String(credentials.baseUrl), requestOptions)) {
			throw new Error("The Dibby API credential only works for requests to its own 'Base URL'");
		}
		return {
			...requestOptions,
			// n8n's HTTP Request node follows redirects, and would take the token along.
			sendCredentialsOnCrossOriginRedirect: false,
			headers: {
				...requestOptions.headers,
				Authorization: `Bearer ${tokenOf(credentials.token)}`,
			},
		};
	};
}
