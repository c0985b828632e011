import { extractTextItems, getDocumentProxy } from 'unpdf';

/** The Result Node's output. */
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
 * Extracts an invoice's data from a PDF's text: labels at the start of a line, and lines with
 * "description   quantity   amount".
 *
 * @throws if it isn't a readable PDF
 */
export async function readInvoice(pdf: Buffer): Promise<Invoice> {
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

/** The text of a PDF in lines, with two spaces between pieces at the same height. */
async function linesOf(pdf: Buffer): Promise<string[]> {
	// A copy, because the reader transfers the memory.
	const document = await getDocumentProxy(Uint8Array.from(pdf), { verbosity: 0 });
	try {
		const { items } = await extractTextItems(document);
		return items.flatMap((pieces) => {
			const rows = new Map<number, typeof pieces>();
			for (const piece of pieces.filter(({ str }) => str.trim() !== '')) {
				const height = Math.round(piece.y / 4);
				rows.set(height, [...(rows.get(height) ?? []), piece]);
			}
			return [...rows]
				.sort(([a], [b]) => b - a)
				.map(([, row]) => row.sort((a, b) => a.x - b.x))
				.map((row) => row.map(({ str }) => str.trim()).join('  '));
		});
	} finally {
		await document.destroy();
	}
}
