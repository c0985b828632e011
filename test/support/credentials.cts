import type { ICredentialDataDecryptedObject, ICredentialsHelper } from 'n8n-workflow';
import type { ICredentialType, IHttpRequestOptions, INodeParameters } from 'n8n-workflow';

/** What the engine uses of it. */
type Helper = Omit<
	ICredentialsHelper,
	'getCredentials' | 'updateCredentials' | 'updateCredentialsOauthTokenData'
>;

/**
 * What n8n's server does for a node's credential, without its database: it decrypts and authenticates.
 *
 * @param stored what the database holds, at each reading
 */
export function credentialsInMemory(
	type: ICredentialType,
	stored: () => ICredentialDataDecryptedObject,
): Helper {
	return {
		getParentTypes: () => [],
		isCredentialUsableByNode: () => true,
		preAuthentication: async () => await Promise.resolve(undefined),
		runPreAuthentication: async () => await Promise.resolve(undefined),
		getCredentialsProperties: () => type.properties,

		authenticate: async (credentials, _typeName, requestOptions: IHttpRequestOptions) => {
			const { authenticate } = type;
			if (typeof authenticate !== 'function') throw new Error('Dibby authenticates by a function');
			return await authenticate(credentials, requestOptions);
		},

		/** As n8n does it: the expressions in it are worked out for the item, unless it is wanted as it is stored. */
		getDecrypted: async (...[, , , mode, executeData, isRaw, values]) => {
			const data = await Promise.resolve({ ...stored() });
			if (isRaw === true || values === undefined) return data;
			const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } = values;
			return workflow.expression.getParameterValue(
				data as INodeParameters,
				runExecutionData,
				runIndex,
				itemIndex,
				node.name,
				connectionInputData,
				mode,
				{ $vars: {} },
				executeData,
			) as ICredentialDataDecryptedObject;
		},
	};
}
