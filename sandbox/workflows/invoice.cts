import PDFParser from 'pdf2json';

/** What the workflow's Result Node gives. */
export interface Invoice {
	vendor?: string;
	invoiceNumber?: string;
	date?: string;
	currency?: string;
	total?: number;
	lines: Array<{ description: string; quantity: number; amount: number }>;
}

const AMOUNT = /(-?[\d,]+\.\d{2})\s*([A-Z]{3})?$/;

/**
 * Extracts an invoice's data from the text of a PDF: labels at the beginning of a line, and lines of the form
 * "description   quantity   amount".
 *
 * @throws Error when it is no PDF that can be read
 */
export async function readInvoice(pdf: Buffer | undefined): Promise<Invoice> {
	if (pdf === undefined) throw new Error('The document is too large to be read');
	const text = (await linesOf(pdf)).map((line) => line.trim()).filter((line) => line !== '');
	const after = (label: RegExp) => text.map((line) => label.exec(line)?.[1]?.trim()).find(Boolean);
	const total = after(/^Total:?\s+(.+)$/i);
	const [, amount, currency] = AMOUNT.exec(total ?? '') ?? [];
	return {
		vendor: text[0],
		invoiceNumber: after(/^Invoice (?:number|no\.?):?\s+(\S+)/i),
		date: after(/^Date:?\s+(\d{4}-\d{2}-\d{2})/i),
		currency,
		total: amount === undefined ? undefined : toNumber(amount),
		lines: text.flatMap((line) => {
			const [, description, quantity, sum] =
				/^(.+?)\s{2,}(\d+)\s{2,}(-?[\d,]+\.\d{2})$/.exec(line) ?? [];
			if (description === undefined || quantity === undefined || sum === undefined) return [];
			return [{ description, quantity: Number(quantity), amount: toNumber(sum) }];
		}),
	};
}

function toNumber(amount: string): number {
	return Number(amount.replaceAll(',', ''));
}

/** The text of a PDF in lines: pieces at the same height, with gaps kept as two spaces. */
async function linesOf(pdf: Buffer): Promise<string[]> {
	const parser = new PDFParser();
	const pages = await new Promise<
		Array<{ Texts: Array<{ x: number; y: number; R: Array<{ T: string }> }> }>
	>((resolve, reject) => {
		parser.on('pdfParser_dataReady', (data) => resolve(data.Pages));
		parser.on('pdfParser_dataError', (error) =>
			reject(error instanceof Error ? error : error.parserError),
		);
		// The parser reads all the memory behind a Buffer, which small ones share with others.
		parser.parseBuffer(Buffer.from(Uint8Array.from(pdf).buffer), 0);
	});
	return pages.flatMap(({ Texts }) => {
		const rows = new Map<number, Array<{ x: number; text: string }>>();
		for (const { x, y, R } of Texts) {
			const height = Math.round(y * 4);
			const text = R.map(({ T }) => decode(T)).join('');
			rows.set(height, [...(rows.get(height) ?? []), { x, text }]);
		}
		const sorted = [...rows]
			.sort(([a], [b]) => a - b)
			.map(([, row]) => row.sort((a, b) => a.x - b.x));
		return sorted.map((row) => row.map(({ text }) => text.trim()).join('  '));
	});
}

/** Some versions of the parser encode the text as in an address. */
function decode(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
