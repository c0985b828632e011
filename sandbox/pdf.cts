import PDFDocument from 'pdfkit';

/** A line of text at a position on the page, in points. */
export interface PlacedText {
	text: string;
	x: number;
	y: number;
	size?: number;
	bold?: boolean;
}

/** Creates a PDF with one page of text. The same text results in the same bytes. */
export async function makePdf(title: string, texts: PlacedText[]): Promise<Buffer> {
	const info = {
		Title: title,
		CreationDate: new Date(Date.UTC(2026, 0, 2)),
		ModDate: new Date(Date.UTC(2026, 0, 2)),
	};
	const pdf = new PDFDocument({ size: 'A4', margin: 50, info });
	const chunks: Buffer[] = [];
	pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
	const finished = new Promise<void>((resolve) => pdf.on('end', () => resolve()));
	for (const { text, x, y, size = 11, bold = false } of texts) {
		pdf
			.font(bold ? 'Helvetica-Bold' : 'Helvetica')
			.fontSize(size)
			.text(text, x, y, { lineBreak: false });
	}
	pdf.end();
	await finished;
	return Buffer.concat(chunks);
}
