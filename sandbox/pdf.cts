import { buffer } from 'node:stream/consumers';

import PDFDocument from 'pdfkit';

/** A line of text at a position on the page, in points. */
export type PlacedText = { text: string; x: number; y: number; size?: number; bold?: boolean };

/** Creates a PDF with one page of text. The same text results in the same bytes. */
export async function makePdf(title: string, texts: PlacedText[]): Promise<Buffer> {
	const date = new Date(Date.UTC(2026, 0, 2));
	const info = { Title: title, CreationDate: date, ModDate: date };
	const pdf = new PDFDocument({ size: 'A4', margin: 50, info });
	for (const { text, x, y, size = 11, bold = false } of texts) {
		const font = bold ? 'Helvetica-Bold' : 'Helvetica';
		pdf.font(font).fontSize(size).text(text, x, y, { lineBreak: false });
	}
	pdf.end();
	return await buffer(pdf);
}
