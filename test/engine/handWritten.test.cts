import type { IDataObject } from 'n8n-workflow';

import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { triggerRun } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// Workflows that somebody wrote by hand, or that a model wrote: the editor makes no such parameters.
const suite = useSuite({ keepBodies: true });
const { id, url } = WORKFLOWS.echo;

async function start(parameters: object) {
	const step = triggerRun(id, { specifyInputs: 'fields', ...(parameters as IDataObject) });
	const { error } = await suite.engine.run(step);
	const bodies = suite.sandbox.requests.map(({ rawBody }) => rawBody);
	return { error, bodies };
}

test.each([
	['a text with the ID', id],
	['a text with the address', url],
	['an expression of a text', `={{ "${id}" }}`],
	['an ID of which nothing says how it was entered', { __rl: true, value: id }],
	['an ID entered by URL', { __rl: true, mode: 'url', value: id }],
	['an ID that was chosen in a list', { __rl: true, mode: 'list', value: id }],
])('Workflow as %s is understood', async (_what, workflow) => {
	const { error, bodies } = await start({ workflow });
	expect(error).toBeUndefined();
	expect(bodies).toEqual([`{"workflowId":"${id}","inputs":{}}`]);
});

test.each([['={{ null }}'], ['={{ [] }}'], [{ __rl: true, mode: 'url', value: '={{ null }}' }]])(
	'Workflow as %j has no ID',
	async (workflow) => {
		const { error } = await start({ workflow });
		expect(error?.message).toBe("'Workflow' doesn't contain the URL or ID of a Dibby workflow");
	},
);

test.each([
	['Inputs without rows', { fields: { assignments: null } }],
	['no Inputs', { fields: null }],
	['no Documents', { documents: null }],
	['no options', { options: null }],
])('%s are none', async (_what, parameters) => {
	const { error, bodies } = await start(parameters);
	expect(error).toBeUndefined();
	expect(bodies).toEqual([`{"workflowId":"${id}","inputs":{}}`]);
});

test.each([['runWorkflow'], [null]])(
	'an Operation %j that the node does not have is named, and n8n makes no request of its own',
	async (operation) => {
		const { error, bodies } = await start({ operation });
		expect(error?.message).toMatch(/^'Operation' has an unsupported value: ".*"$/);
		expect(error?.description).toContain('triggerRun, getRun');
		expect(bodies).toEqual([]);
	},
);

test.each([['={{ $now }}'], ['={{ new Date(0) }}']])(
	'a date as JSON, %s, is refused: it has no inputs',
	async (jsonInputs) => {
		const { error, bodies } = await start({ specifyInputs: 'json', jsonInputs });
		expect(error?.message).toBe('The inputs must be a JSON object, but the value is: date');
		expect(bodies).toEqual([]);
	},
);
