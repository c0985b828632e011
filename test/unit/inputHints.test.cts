import { Redactor } from '../../dist/nodes/Dibby/api/redact.js';
import { responseError } from '../../dist/nodes/Dibby/api/responseErrors.js';

/** The hints in the error for a rejected start. */
function hintsFor(text: string, purpose: { inputNames?: string[]; unsentFiles?: string[] }) {
	const redact = new Redactor();
	redact.hide('secret-token');
	const context = { redact, baseUrl: 'https://dibby.ai/api' };
	const response = { status: 422, text, json: undefined };
	const { description } = responseError(response, { inputs: 'none', ...purpose }, context);
	return /exactly\. (.*)Sent: none\.$/s.exec(description)?.[1]?.trim();
}

test.each([
	[['attachment_0'], "The item has a file in 'attachment_0'. Add it under 'Documents'."],
	[['a', 'b'], "The item has files in 'a', 'b'. Add them under 'Documents'."],
	[['a', 'b', 'c', 'd'], "The item has files in 'a', 'b', 'c'. Add them under 'Documents'."],
	[[], ''],
])('files that were not sent: %j', (unsentFiles, hints) => {
	expect(hintsFor('', { unsentFiles })).toBe(hints);
});

test.each([
	['Missing: invoice', 'Invoice', "Dibby mentions 'invoice', but the input is named 'Invoice'."],
	[
		'{"errors":{"vendorName":"missing"}}',
		'vendor name',
		"Dibby mentions 'vendorName', but the input is named 'vendor name'.",
	],
	[
		'Unknown input Invoice, expected invoice',
		'Invoice',
		"Dibby mentions 'invoice', but the input is named 'Invoice'.",
	],
	['needs "a.b"', 'A.B ', "Dibby mentions 'a.b', but the input is named 'A.B '."],
	[
		'needs in-voice/1 (new)',
		'In-Voice/1 (new)',
		"Dibby mentions 'in-voice/1 (new)', but the input is named 'In-Voice/1 (new)'.",
	],
	['invoice is missing', 'invoice', ''],
	['invoices are missing', 'Invoice', ''],
	['Missing: total', 'Invoice', ''],
	['Anything', ' ', ''],
])('the text %j and the input %j', (text, name, hints) => {
	expect(hintsFor(text, { inputNames: [name] })).toBe(hints);
});

test('the token is hidden in a name, too', () => {
	const hints = hintsFor('SECRET-TOKEN', { inputNames: ['secret-token'] });
	expect(hints).toContain("Dibby mentions '[token]'");
});

test('many names and a long text take little time', () => {
	const inputNames = Array.from({ length: 100_000 }, (_, n) => `a${' '.repeat(n % 50)}${n}`);
	const start = performance.now();
	hintsFor('a \n'.repeat(1_000_000), { inputNames });
	expect(performance.now() - start).toBeLessThan(5_000);
});
