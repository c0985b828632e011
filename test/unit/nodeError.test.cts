import type { INode } from 'n8n-workflow';

import { DibbyNodeError } from '../../dist/nodes/Dibby/errors.js';

const NODE = { name: 'Dibby', type: 'dibby' } as INode;
const refusal = { message: 'Dibby rejected the inputs', description: 'No run was started.' };

test('names every started run and every unknown outcome of the other items, in order', () => {
	const error = new DibbyNodeError(NODE, { item: 1 }, refusal, [
		{ item: 3, outcomeUnknown: true },
		{ item: 2, runId: 'run_2' },
		{ item: 0, runId: 'run_0' },
	]);
	expect(error.description).toBe(
		"No run was started. Runs started by this node: item 0: run_0, item 2: run_2. Use 'Get Run' to get them. A run may also have been started for item 3.",
	);
	expect(error.context.startedRuns).toEqual([
		{ item: 0, runId: 'run_0' },
		{ item: 2, runId: 'run_2' },
		{ item: 3, outcomeUnknown: true },
	]);
});

test("doesn't repeat what the error's own text says", () => {
	const own = { ...refusal, runId: 'run_1', description: 'Open the run run_1.' };
	const named = new DibbyNodeError(NODE, { item: 1 }, own, [{ item: 1, runId: 'run_1' }]);
	expect(named.description).toBe(own.description);
	const unknown = { ...refusal, description: 'A run may have been started.', outcomeUnknown: true };
	const known = new DibbyNodeError(NODE, { item: 1 }, unknown, [{ item: 1, outcomeUnknown: true }]);
	expect(known.description).toBe(unknown.description);
	const other = new DibbyNodeError(NODE, { item: 1, field: 'a' }, unknown, [
		{ item: 1, field: 'a', outcomeUnknown: true },
		{ item: 1, field: 'b', outcomeUnknown: true },
	]);
	expect(other.description).toBe(
		`${unknown.description} A run may also have been started for item 1 (b).`,
	);
});

test('names 20 of 130,000 items and keeps all of them in its context', () => {
	const outcomes = Array.from({ length: 130_000 }, (_, item) =>
		item % 2 === 0 ? { item, runId: `run_${item}` } : { item, outcomeUnknown: true },
	);
	const { description = '', context } = new DibbyNodeError(NODE, { item: 0 }, refusal, outcomes);
	expect(description).toContain('item 38: run_38, and 64980 more.');
	expect(description).toContain('item 39, and 64980 more.');
	expect(description?.length).toBeLessThan(3_000);
	expect(context.startedRuns).toHaveLength(130_000);
});
