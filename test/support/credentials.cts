import type {
	ICredentialDataDecryptedObject,
	ICredentials,
	ICredentialType,
	IHttpRequestOptions,
	INodeParameters,
} from 'n8n-workflow';
import { ICredentialsHelper } from 'n8n-workflow';

/** What n8n's server does for a node's credential, without its database: it decrypts and authenticates. */
export class CredentialsInMemory extends ICredentialsHelper {
	/** @param stored what the database holds, at each reading */
	constructor(
		private readonly type: ICredentialType,
		private readonly stored: () => ICredentialDataDecryptedObject,
	) {
		super();
	}

	getParentTypes(): string[] {
		return [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	/** As n8n's own helper does it: a credential's `authenticate` is a function or a description. */
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		_typeName: string,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.type;
		if (typeof authenticate !== 'function')
			throw new Error('This credential authenticates with a function');
		return await authenticate(credentials, requestOptions);
	}

	async preAuthentication(): Promise<undefined> {
		return await Promise.resolve(undefined);
	}

	async runPreAuthentication(): Promise<undefined> {
		return await Promise.resolve(undefined);
	}

	async getCredentials(): Promise<ICredentials> {
		return await Promise.reject(new Error('The engine asks for decrypted credentials only'));
	}

	/** As n8n's own helper does it: the expressions in it are worked out for the item, unless it is wanted as it is stored. */
	async getDecrypted(
		...[, , , mode, executeData, isRaw, values]: Parameters<ICredentialsHelper['getDecrypted']>
	): Promise<ICredentialDataDecryptedObject> {
		const stored = await Promise.resolve({ ...this.stored() });
		if (isRaw === true || values === undefined) return stored;
		const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } = values;
		return workflow.expression.getParameterValue(
			stored as INodeParameters,
			runExecutionData,
			runIndex,
			itemIndex,
			node.name,
			connectionInputData,
			mode,
			{ $vars: {} },
			executeData,
		) as ICredentialDataDecryptedObject;
	}

	async updateCredentials(): Promise<void> {
		await Promise.resolve();
	}

	async updateCredentialsOauthTokenData(): Promise<void> {
		await Promise.resolve();
	}

	getCredentialsProperties() {
		return this.type.properties;
	}
}
