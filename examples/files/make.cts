import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makePdf } from '../../sandbox/pdf.cts';
import type { PlacedText } from '../../sandbox/pdf.cts';

interface Invoice {
	vendor: string;
	number: string;
	date: string;
	currency: string;
	lines: Array<[description: string, quantity: number, amount: number]>;
}

const money = (amount: number) => amount.toLocaleString('en-US', { minimumFractionDigits: 2 });

/** A one-page invoice from a small supplier. */
async function makeInvoice({ vendor, number, date, currency, lines }: Invoice): Promise<Buffer> {
	const total = lines.reduce((sum, [, , amount]) => sum + amount, 0);
	const texts: PlacedText[] = [
		{ text: vendor, x: 50, y: 50, size: 18, bold: true },
		{ text: `Invoice number: ${number}`, x: 50, y: 90 },
		{ text: `Date: ${date}`, x: 50, y: 108 },
		{ text: 'Description', x: 50, y: 150, bold: true },
		{ text: 'Quantity', x: 300, y: 150, bold: true },
		{ text: 'Amount', x: 420, y: 150, bold: true },
	];
	lines.forEach(([description, quantity, amount], index) => {
		const y = 172 + 20 * index;
		texts.push(
			{ text: description, x: 50, y },
			{ text: String(quantity), x: 300, y },
			{ text: money(amount), x: 420, y },
		);
	});
	const y = 172 + 20 * lines.length + 20;
	texts.push(
		{ text: 'Total:', x: 50, y, bold: true },
		{ text: `${money(total)} ${currency}`, x: 420, y, bold: true },
	);
	return await makePdf(`Invoice ${number}`, texts);
}

async function main(): Promise<void> {
	const save = (name: string, content: Buffer) => writeFileSync(join(__dirname, name), content);
	save(
		'invoice.pdf',
		await makeInvoice({
			vendor: 'Northwind Office Supplies Ltd',
			number: 'INV-2026-0417',
			date: '2026-03-14',
			currency: 'EUR',
			lines: [
				['Desk chair, ergonomic', 4, 1196],
				['Monitor arm', 6, 534.6],
				['Delivery', 1, 39.9],
			],
		}),
	);
	save(
		'invoice-2.pdf',
		await makeInvoice({
			vendor: 'Baltic Freight OY',
			number: 'BF-88213',
			date: '2026-02-27',
			currency: 'USD',
			lines: [
				['Container 20 ft, Helsinki to Hamburg', 2, 4830],
				['Customs declaration', 2, 190.5],
			],
		}),
	);
	const clauses = [
		'Service Agreement',
		'between Northwind Office Supplies Ltd and Contoso Facilities GmbH',
		'1. Term: 24 months from 2026-04-01, renewed for 12 months unless cancelled 90 days before.',
		'2. Fee: 1,250.00 EUR per month, due within 30 days.',
		'3. Liability is limited to the fees of twelve months.',
	];
	save(
		'contract.pdf',
		await makePdf(
			'Service Agreement',
			clauses.map((text, index) => ({ text, x: 50, y: 60 + 24 * index })),
		),
	);
}

void main();
