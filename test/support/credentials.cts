import type {
	ICredentialDataDecryptedObject,
	ICredentials,
	ICredentialType,
	IHttpRequestOptions,
} from 'n8n-workflow';
import { ICredentialsHelper } from 'n8n-workflow';

/** What n8n's server does for a node's credential, without its database: it decrypts and authenticates. */
export class CredentialsInMemory extends ICredentialsHelper {
	/** @param stored what is in it for an item: an expression in a credential can give each its own */
	constructor(
		private readonly type: ICredentialType,
		private readonly stored: (itemIndex: number) => ICredentialDataDecryptedObject,
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

	async getDecrypted(
		...[, , , , , , expressionResolveValues]: Parameters<ICredentialsHelper['getDecrypted']>
	): Promise<ICredentialDataDecryptedObject> {
		return await Promise.resolve({ ...this.stored(expressionResolveValues?.itemIndex ?? 0) });
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
