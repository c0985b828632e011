import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { baseUrlOf, DEFAULT_BASE_URL, validateBaseUrl } from '../../../credentials/baseUrl';
import { NOT_IN_A_HEADER, tokenOf } from '../../../credentials/token';
import { inputError } from '../errors';
import type { ItemContext } from '../types';
import type { Redactor } from './redact';

/** The Dibby API credential of one item. */
export interface Credential {
	data: ICredentialDataDecryptedObject;
	baseUrl: string;
	/** The domains that n8n lets the credential be used for, separated by commas; undefined for all. */
	allowedDomains?: string;
}

/**
 * Reads an item's credential again for each request, so that a changed token takes effect during a long wait.
 * If that fails later on, the last credential that could be read stays in use.
 */
export class CredentialReader {
	private latest?: Credential;

	/** @param redact hides every token that is read */
	constructor(
		private readonly context: ItemContext,
		readonly redact: Redactor,
	) {}

	/** The base URL that was last read. */
	get baseUrl(): string {
		return this.latest?.baseUrl ?? DEFAULT_BASE_URL;
	}

	/** @throws DibbyError if n8n can't read the credential, or if its base URL or token can't be used */
	async read(): Promise<Credential> {
		this.latest = await this.readFromN8n().catch((error: unknown) => {
			if (this.latest === undefined) throw error;
			this.context.logger.warn("Dibby: n8n couldn't read the credential again");
			return this.latest;
		});
		return this.latest;
	}

	private async readFromN8n(): Promise<Credential> {
		const data = await this.context
			.getCredentials<ICredentialDataDecryptedObject>('dibbyApi')
			.catch((error: unknown) => {
				throw inputError(
					"n8n can't read the Dibby API credential",
					`n8n says: "${this.redact.quote((error as Error).message)}". Select a credential in the node again.`,
				);
			});
		const problem = validateBaseUrl(data.baseUrl);
		if (problem !== undefined) {
			throw inputError(problem, 'Open the Dibby API credential and correct it.');
		}
		const token = tokenOf(data.token);
		if (NOT_IN_A_HEADER.test(token)) {
			throw inputError(
				"'Token' contains a character that isn't allowed",
				'Open the Dibby API credential, and paste the token from your Dibby account again.',
			);
		}
		this.redact.hide(token);
		return {
			data,
			baseUrl: baseUrlOf(data.baseUrl),
			allowedDomains: allowedDomainsOf(data),
		};
	}
}

/**
 * n8n restricts a credential to some domains only in requests of its own. As there, the domain of the node itself is
 * always allowed.
 */
function allowedDomainsOf(data: ICredentialDataDecryptedObject): string | undefined {
	if (data.allowedHttpRequestDomains !== 'domains') return undefined;
	return `${new URL(DEFAULT_BASE_URL).hostname}, ${String(data.allowedDomains ?? '')}`;
}
