/**
 * A document as the sandbox saw it pass, without its content. It is a class, so that an object of a client with
 * the same keys is not taken for one. As JSON it is its three fields.
 */
export class ReceivedDocument {
	/**
	 * @param bytes the size of the content, decoded
	 * @param sha256 the hash of the content, in hexadecimal digits
	 */
	constructor(
		readonly mediaType: string,
		readonly bytes: number,
		readonly sha256: string,
	) {}
}

/**
 * What is in the documents of one request, as far as it was kept. It is apart from the documents, so that it can be
 * forgotten as soon as the workflow has read it, while they stay with the run.
 */
export type Contents = ReadonlyMap<unknown, Buffer>;
