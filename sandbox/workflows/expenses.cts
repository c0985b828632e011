import { readInvoice } from './invoice.cts';

/**
 * Lists receipts and adds up their totals by currency.
 *
 * @throws {Error} if one of them isn't a readable PDF
 */
export async function reportExpenses(pdfs: Buffer[]): Promise<object> {
	const receipts = await Promise.all(pdfs.map(readInvoice));
	const totals: Record<string, number> = {};
	for (const { currency = '?', total = 0 } of receipts) {
		totals[currency] = (totals[currency] ?? 0) + total;
	}
	const sums = Object.entries(totals).map(([currency, total]) => `${total.toFixed(2)} ${currency}`);
	return {
		summary: `${receipts.length} receipts: ${sums.join(', ')}`,
		totals,
		receipts: receipts.map(({ vendor, date, total, currency }) => {
			return { vendor, date, total, currency };
		}),
	};
}
