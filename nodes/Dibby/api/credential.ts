import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { validateBaseUrl } from '../../../credentials/baseUrl';
import { NOT_IN_A_HEADER, tokenOf } from '../../../credentials/token';
import { clock } from '../clock';
import { DibbyError } from '../errors';
import type { ItemContext } from '../types';
import { Redactor } from './serverText';

/** In a long wait, a token that was changed comes into use after this time. */
const FRESH_MS = 5 * 60_000;

/** What was read this short a time ago is not read again, however many requests are refused. */
const JUST_READ_MS = 1_000;

/** The Dibby API credential, as it was read. */
export interface Credential {
	data: ICredentialDataDecryptedObject;
	baseUrl: string;
	token: string;
}

/**
 * The credential of a node execution, for all its items. Each reading is a query of n8n's database and a decryption,
 * so it is read once, again when a token is refused, and every few minutes.
 */
export class CredentialReader {
	/** Hides every token that was read. */
	readonly redact = new Redactor();

	private readAt = clock.now();

	private reading?: Promise<void>;

	private constructor(
		private readonly context: ItemContext,
		/** As it was read last. */
		public latest: Credential,
	) {
		this.redact.hide(latest.token);
	}

	/** @throws DibbyError when the Base URL or the token can't be used */
	static async open(context: ItemContext): Promise<CredentialReader> {
		return new CredentialReader(context, await read(context));
	}

	/** The credential to use now. */
	async current(): Promise<Credential> {
		if (clock.now() - this.readAt > FRESH_MS) await this.readAgain();
		return this.latest;
	}

	/** @param used what a request was refused with */
	async hasChangedSince(used: Credential): Promise<boolean> {
		if (this.latest === used && clock.now() - this.readAt > JUST_READ_MS) await this.readAgain();
		return this.latest.token !== used.token;
	}

	/** A credential that can't be read any more, or is wrong now, changes nothing: Dibby refuses it or goes on. */
	private async readAgain(): Promise<void> {
		this.reading ??= this.renew();
		await this.reading;
		this.reading = undefined;
	}

	private async renew(): Promise<void> {
		this.readAt = clock.now();
		try {
			this.latest = await read(this.context);
			this.redact.hide(this.latest.token);
		} catch {
			this.context.logger.warn('Dibby: the credential could not be read again');
		}
	}
}

async function read(context: ItemContext): Promise<Credential> {
	const data = await context.getCredentials<ICredentialDataDecryptedObject>('dibbyApi');
	const message = validateBaseUrl(data.baseUrl);
	if (message !== undefined) {
		throw new DibbyError({
			message,
			description: 'Open the Dibby API credential and correct it.',
		});
	}
	const token = tokenOf(data.token);
	if (NOT_IN_A_HEADER.test(token)) {
		throw new DibbyError({
			message: 'Token has a character that no token has',
			description:
				'Open the Dibby API credential, and paste the token from your Dibby account again. Nothing was sent to Dibby.',
		});
	}
	return { data, baseUrl: String(data.baseUrl).trim(), token };
}

/**
 * The credentials of the items of a node execution: nearly always one for all. An expression in a credential can give
 * each item its own, which shows when two items are compared.
 */
export class Credentials {
	private shared?: Promise<CredentialReader>;

	private isEachItsOwn = false;

	/**
	 * Compares those of a group of items: of the first group all, later the last alone, since each reading costs as much
	 * as a request.
	 */
	async compare(contexts: ItemContext[]): Promise<void> {
		const [first, ...others] = contexts;
		if (first === undefined || this.isEachItsOwn) return;
		const compared = this.shared === undefined ? others : contexts.slice(-1);
		this.shared ??= CredentialReader.open(first);
		try {
			const { latest } = await this.shared;
			const all = await Promise.all(compared.map(read));
			this.isEachItsOwn = all.some(
				({ token, baseUrl }) => token !== latest.token || baseUrl !== latest.baseUrl,
			);
		} catch {
			// The item that can't read its own says so itself.
			this.isEachItsOwn = true;
		}
	}

	/** @throws DibbyError when the Base URL or the token can't be used */
	async of(context: ItemContext): Promise<CredentialReader> {
		if (this.isEachItsOwn) return await CredentialReader.open(context);
		this.shared ??= CredentialReader.open(context);
		return await this.shared;
	}
}
