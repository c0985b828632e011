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

/** A name in an expression that can stand for another value with each item. */
const OF_ITEM = /\$(?!(?:vars|secrets|env)\b)/;

/** Whether an expression in the credential can give each item its own. Where n8n doesn't tell, it may. */
async function isOfItem(context: ItemContext): Promise<boolean> {
	const { additionalData } = context;
	const named = context.getNode().credentials?.dibbyApi;
	if (additionalData === undefined || named === undefined) return true;
	const stored = await additionalData.credentialsHelper.getDecrypted(
		additionalData,
		named,
		'dibbyApi',
		context.getMode(),
		undefined,
		// As it is stored, with its expressions.
		true,
	);
	return [stored.token, stored.baseUrl].some(
		(value) => typeof value === 'string' && value.startsWith('=') && OF_ITEM.test(value),
	);
}

/** The credentials of the items of a node execution: one for all, unless an expression in it is of the item. */
export class Credentials {
	private shared?: Promise<CredentialReader>;

	private ofItems?: Promise<boolean>;

	/** Whether each item may have its own. */
	async areOfItems(context: ItemContext): Promise<boolean> {
		this.ofItems ??= isOfItem(context);
		return await this.ofItems;
	}

	/** @throws DibbyError when the Base URL or the token can't be used */
	async of(context: ItemContext): Promise<CredentialReader> {
		if (await this.areOfItems(context)) return await CredentialReader.open(context);
		this.shared ??= CredentialReader.open(context);
		return await this.shared;
	}
}
