import { randomBytes } from 'crypto';
import type { IBinaryData } from 'n8n-workflow';

import { extensionOf } from '../mediaTypes';
import type { Stream } from '../streams';
import type { N8nServices } from '../types';

/** A document that was stored while the response was read. */
interface StoredDocument {
	file: IBinaryData;
	mediaType: string;
	bytes: number;
}

/** The documents of an item that were stored while the JSON was read. Each has a placeholder in the JSON. */
export class StoredDocuments {
	/** Those of the response that is being read, by placeholder. */
	private current = new Map<string, StoredDocument>();

	/** Those of the latest run, by the whole string in the JSON. */
	kept: ReadonlyMap<string, StoredDocument> = new Map();

	/** Makes the placeholders unique; nobody else can guess it. Letters and digits of base64. */
	private readonly secret = randomBytes(48).toString('hex');

	private count = 0;

	constructor(private readonly n8n: N8nServices) {}

	/** Keeps the documents of the response, which was a run. Later responses may not be. */
	keep(): void {
		this.kept = this.current;
	}

	/** Forgets the documents of a response that isn't used. n8n deletes their files with the execution. */
	forget(): void {
		this.current = new Map();
	}

	/** The file gets its final name later, when its place in the result is known. */
	async store(content: Stream, mediaType: string): Promise<IBinaryData> {
		const fileName = `document.${extensionOf(mediaType)}`;
		return await this.n8n.helpers.prepareBinaryData(content, fileName, mediaType);
	}

	/**
	 * @param prefix the start of the data URI
	 * @returns the placeholder to put after the prefix
	 */
	add(prefix: string, document: StoredDocument): string {
		const placeholder = `${this.secret}${this.count++}`;
		this.current.set(prefix + placeholder, document);
		return placeholder;
	}

	/** Whether one of the placeholders is a key in the JSON text. A key isn't a document. */
	isKeyIn(json: string): boolean {
		return this.current.size > 0 && new RegExp(`${this.secret}\\d+"\\s*:`).test(json);
	}
}
