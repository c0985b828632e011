import type { IDataObject } from 'n8n-workflow';

import { WORKFLOWS } from '../sandbox/workflows.cts';
import { dibbyLike } from '../test/support/dibbyLike.cts';
import type { Step } from '../test/support/engine.cts';
import { getRun, triggerRun } from '../test/support/jobs.cts';
import { startMeasuredEngine } from './engine.cts';
import { measure, report } from './measure.cts';

const [way = '', , , size = ''] = process.argv.slice(2);
const [direction, kind = ''] = way.split(' ');

/** Values whose size grows in one respect. */
const VALUES: Record<string, (size: number) => unknown> = {
	text: (megabytes) => 'A "quoted" word.\n'.repeat((megabytes * 1_000_000) / 17),
	list: (length) => Array.from({ length }, (_value, n) => ({ n, name: `Row ${n}`, tags: ['a'] })),
	nesting: (levels) => {
		let value: unknown = 'inside';
		for (let level = 0; level < levels; level++) value = { value };
		return value;
	},
};

report(async () => {
	let output: unknown;
	const { url } = await dibbyLike((_request, response) => {
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ id: 'run_of_growth', status: 'FINISHED', output }));
	});
	const engine = await startMeasuredEngine(url, 'bench');
	const step: Step =
		direction === 'send'
			? triggerRun(WORKFLOWS.echo.id, { specifyInputs: 'item' })
			: getRun('run_of_growth', { waitForCompletion: true, output: 'output' });
	const execute = async (value: unknown) => {
		if (direction === 'retrieve') output = { value };
		const json = direction === 'send' ? { value } : {};
		return (await engine.execute(step, [{ json: json as IDataObject }])).seconds;
	};
	await execute('small');
	const value = VALUES[kind]?.(Number(size));
	return await measure(async () => await execute(value));
});
