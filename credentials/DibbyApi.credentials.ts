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

/** How it is tested says `testDibbyApi.ts`, which the node names with `testedBy`. */
export class DibbyApi implements ICredentialType {
	name = 'dibbyApi';

	displayName = 'Dibby API';

	icon: Icon = {
		light: 'file:../nodes/Dibby/dibby.svg',
		dark: 'file:../nodes/Dibby/dibby.dark.svg',
	};

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-dibby#credential';

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
				'Where the Dibby API is. Leave it as it is unless Dibby gave you another address.',
		},
	];

	/**
	 * Adds the bearer token, and only to requests for the credential's own Dibby.
	 *
	 * @throws Error with a sentence for the user when the Base URL can't be used, or the request goes elsewhere
	 */
	authenticate: IAuthenticate = async (
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> => {
		const problem = validateBaseUrl(credentials.baseUrl);
		if (problem !== undefined) throw new Error(problem);
		if (!isSameOrigin(String(credentials.baseUrl), requestOptions)) {
			throw new Error('The Dibby API credential can only be used for its own Base URL');
		}
		return {
			...requestOptions,
			headers: {
				...requestOptions.headers,
				Authorization: `Bearer ${tokenOf(credentials.token)}`,
			},
		};
	};
}
