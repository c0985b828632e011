import { makePdf } from '../pdf.cts';

const dataUri = (mediaType: string, content: Buffer) =>
	`data:${mediaType};base64,${content.toString('base64')}`;

/** Creates a PDF at the top of the result and a CSV deep inside it. */
export async function makeReport(title: string, rows: unknown[]): Promise<object> {
	const lines = rows.map((row) => JSON.stringify(row));
	const texts = [title, ...lines].map((text, index) => ({ text, x: 50, y: 60 + 20 * index }));
	const pdf = await makePdf(title, texts);
	const rowsOfCsv = lines.map((line, index) => `${index + 1},${line}\n`);
	const csv = Buffer.from(`row,content\n${rowsOfCsv.join('')}`);
	return {
		title,
		rows: rows.length,
		report: dataUri('application/pdf', pdf),
		attachments: [{ name: 'rows', file: dataUri('text/csv', csv) }],
	};
}
