import type { IBinaryData } from 'n8n-workflow';

import type { Stream } from '../streams';
import type { N8nServices } from '../types';
import { FileNames, LONGEST_PATH } from './fileNames';

/** A document that n8n's storage took while the answer was read. */
interface StoredDocument {
	file: IBinaryData;
	mediaType: string;
	bytes: number;
}

/**
 * The documents of an item that were stored before the JSON around them was known. A placeholder stands for each in
 * the JSON: a short data URI that nobody else can have made.
 */
export class StoredDocuments {
	/** Those of the answer that is being read. */
	private known = new Map<string, StoredDocument>();

	/** Those of the run that was seen last. */
	private kept = new Map<string, StoredDocument>();

	private names = new FileNames();

	private keepsInMemory?: boolean;

	constructor(private readonly n8n: N8nServices) {}

	get size(): number {
		return this.kept.size;
	}

	find(placeholder: string): StoredDocument | undefined {
		return this.kept.get(placeholder);
	}

	/** The answer was a run: it may be the last that is seen, so that the answers after it must not make it forgotten. */
	keep(): void {
		this.kept = this.known;
		this.known = new Map();
	}

	/** Forgets the documents of an answer that is not used: they stay in the execution's storage until n8n clears it. */
	forget(): void {
		this.known.clear();
		this.names = new FileNames();
	}

	/**
	 * Stores a document.
	 *
	 * @param path where it is in the answer, for the name that n8n notes with the file; the item's file gets its own later
	 */
	async store(content: Stream, mediaType: string, path: string[]): Promise<IBinaryData> {
		const { fileName } = this.names.next(path.slice(-LONGEST_PATH), mediaType);
		const file = await this.n8n.helpers.prepareBinaryData(content, fileName, mediaType);
		this.keepsInMemory = file.id === undefined;
		return file;
	}

	remember(placeholder: string, document: StoredDocument): void {
		this.known.set(placeholder, document);
	}

	/**
	 * Whether n8n keeps files with the items, in memory. Only a stored file tells: one without an ID. So before the
	 * first is stored, one of one byte is; n8n clears it away with the execution.
	 */
	async areInMemory(): Promise<boolean> {
		if (this.keepsInMemory === undefined) {
			const { id } = await this.n8n.helpers.prepareBinaryData(Buffer.from('?'), 'test.txt');
			this.keepsInMemory = id === undefined;
		}
		return this.keepsInMemory;
	}
}
