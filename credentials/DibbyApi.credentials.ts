import type {
	IAuthenticate,
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
	Icon,
} from 'n8n-workflow';

import { validateBaseUrl, isSameOrigin } from './baseUrl';

/** Dibby documents no call that only checks a token, so the test asks for a run that can't exist. */
const RUN_THAT_CANNOT_EXIST = '/runs/n8n-credential-test';

/** What each answer to that question says about the token. Every other answer means that Dibby accepted it. */
const REJECTED: ReadonlyArray<{ status: number; message: string }> = [
	{
		status: 401,
		message: 'Dibby did not accept this token. Copy it again from your Dibby account.',
	},
	{
		status: 403,
		message: 'Dibby knows this token but does not allow it. Check the account it belongs to.',
	},
	...[301, 302, 303, 307, 308].map((status) => ({
		status,
		message: 'The Base URL redirects to another address. Enter the address it redirects to.',
	})),
	{ status: 429, message: 'Dibby is receiving too many requests. Test again in a minute.' },
	...[500, 502, 503, 504].map((status) => ({
		status,
		message: `Dibby has a problem at the moment (HTTP ${status}). Test again later.`,
	})),
];

/** Typed loosely, since the types of n8n 1.x know only true and false here. */
const ONLY_REJECTIONS_ARE_ERRORS: object = {
	ignoreHttpStatusErrors: { ignore: true, except: REJECTED.map(({ status }) => status) },
};

export class DibbyApi implements ICredentialType {
	name = 'dibbyApi';

	displayName = 'Dibby API';

	icon: Icon = {
		light: 'file:../nodes/Dibby/dibby.svg',
		dark: 'file:../nodes/Dibby/dibby.dark.svg',
	};

	documentationUrl = 'https://github.com/dibby-ai/n8n-nodes-dibby#credential';

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
				Authorization: `Bearer ${String(credentials.token).trim()}`,
			},
		};
	};

	test: ICredentialTestRequest = {
		request: {
			baseURL: '={{$credentials.baseUrl}}',
			url: RUN_THAT_CANNOT_EXIST,
			disableFollowRedirect: true,
			...ONLY_REJECTIONS_ARE_ERRORS,
		},
		rules: REJECTED.map(({ status, message }) => ({
			type: 'responseCode' as const,
			properties: { value: status, message },
		})),
	};
}
