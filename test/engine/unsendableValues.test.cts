import { echo } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

const suite = useSuite();

async function messageOf(deep: unknown): Promise<string | undefined> {
	const step = echo({ documents: {} });
	const items = [{ json: { deep: deep as string } }];
	return (await suite.engine.run(step, { items })).error?.message;
}

describe('a value that JSON would change', () => {
	test.each<[unknown, string]>([
		[() => 1, 'function'],
		[Symbol('s'), 'symbol'],
		[1n, 'bigint'],
		[NaN, 'NaN'],
		[-Infinity, '-Infinity'],
		[[undefined], 'undefined'],
		[new Map(), 'Map'],
		[new Set(), 'Set'],
		[new WeakMap(), 'WeakMap'],
		[/x/, 'RegExp'],
		[new Error('x'), 'Error'],
		[Promise.resolve(1), 'Promise'],
		[new Uint8Array(2), 'Uint8Array'],
		[new ArrayBuffer(2), 'ArrayBuffer'],
		[Buffer.from('x'), 'Buffer'],
		[new URL('https://dibby.ai'), 'URL'],
		[new (class Invoice {})(), 'Invoice'],
		[Object(5), 'Number'],
	])('a field of the item that JSON would change: %p', async (value, kind) => {
		expect(await messageOf({ x: value })).toBe(
			`The input "deep" can't be sent: it contains a value that JSON can't represent (${kind})`,
		);
	});

	test('a field of the item with an invalid date', async () => {
		expect(await messageOf([new Date(NaN)])).toBe(
			'The input "deep" can\'t be sent: it contains an invalid date',
		);
	});
});
