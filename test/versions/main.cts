import { markdownTable } from '../docs/page.cts';
import { FEATURES } from './features.cts';
import { exactVersion, installCore } from './install.cts';
import { runTests } from './jest.cts';
import type { TestOutcome } from './jest.cts';
import { typeErrors } from './types.cts';
import { SUPPORTED } from './versions.cts';

/** What n8n's engine must do with the node in every version. */
const TESTS = [
	'test/engine',
	...['faults', 'retry', 'firstError', 'lateNetworkErrors'].map((name) => `test/faults/${name}`),
];

/** A line of the table. */
interface Row {
	'n8n-core': string;
	'n8n-workflow': string;
	what: string;
	passed: number;
	failed: number;
	/** Tests of something that this version does not have. */
	'not there': number;
	'type errors': number;
	lacks: string;
}

/** `npm run test:versions [version …]`: the tests with each version of n8n that is promised to work. */
async function main(wanted: string[]): Promise<void> {
	const versions =
		wanted.length > 0 ? wanted.map((core) => ({ core, what: 'asked for' })) : SUPPORTED;
	const rows: Row[] = [];
	for (const { core, what } of versions) {
		const installed = await installCore(await exactVersion(core));
		console.log(`n8n-core ${installed.core} ...`);
		const lacking = FEATURES.filter((feature) => !feature.isThere(installed));
		const outcome = runTests(installed, TESTS);
		const excused = outcome.failed.filter(({ name }) =>
			lacking.some(({ neededBy }) => neededBy.some((test) => test.test(name))),
		);
		const failed = outcome.failed.filter((failure) => !excused.includes(failure));
		const wrongTypes = typeErrors(installed);
		show([...failed, ...wrongTypes.map((message) => ({ name: 'types', message }))]);
		rows.push({
			'n8n-core': installed.core,
			'n8n-workflow': installed.workflow,
			what,
			passed: outcome.passed,
			failed: failed.length,
			'not there': excused.length,
			'type errors': wrongTypes.length,
			lacks: lacking.map(({ name }) => name).join('; ') || 'nothing',
		});
	}
	console.log(asTable(rows));
	const isWrong = (row: Row) => row.failed > 0 || row['type errors'] > 0 || row.passed === 0;
	if (rows.some(isWrong)) process.exitCode = 1;
}

function show(failed: TestOutcome['failed']): void {
	for (const { name, message } of failed) {
		const lines = message.split('\n').filter((line) => !line.includes('node_modules'));
		console.log(`  failed: ${name}\n    ${lines.slice(0, 12).join('\n    ')}`);
	}
}

/** @returns a table in Markdown, so that it can be put into the documentation as it is */
function asTable(rows: Row[]): string {
	const [first] = rows;
	if (first === undefined) return '';
	const columns = Object.keys(first) as Array<keyof Row>;
	return markdownTable(
		columns,
		rows.map((row) => columns.map((column) => row[column])),
	);
}

main(process.argv.slice(2)).catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});
