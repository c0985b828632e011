/** Versions of n8n-core that the node is tested with: the last 1.x, an older 2.x, and the newest. */
export const VERSIONS = ['1.122.48', '2.20.6', 'latest'];

/** What n8n doesn't offer in some of these versions, with the tests that need it. */
export const FEATURES: ReadonlyArray<{ name: string; missingIn: string[]; tests: RegExp[] }> = [
	{
		name: 'Sleep',
		missingIn: ['1.122.48', '2.20.6'],
		tests: [
			...[/sleeps along/, /falls asleep/, /the errors of Sleep/, /execute a sleeping node again/],
			...[/inside the helper workflow/, /ends before the execution would sleep/],
			...[/put the execution to sleep/, /refuses to sleep/, /whose Time Limit is up at look/],
		],
	},
	{ name: 'files in Inputs', missingIn: ['1.122.48'], tests: [] },
	{
		name: "run IDs in the execution's data",
		missingIn: ['1.122.48'],
		tests: [
			...[/a cancelled execution keeps the run's ID/, /custom data/],
			...[/the IDs that n8n shows with the execution/, /that a retried execution finds/],
		],
	},
	{ name: 'combined binary mode', missingIn: ['1.122.48'], tests: [/combined binary mode/] },
	{
		name: "n8n's parameter checks in the error message",
		missingIn: ['1.122.48', '2.20.6'],
		tests: [/what is typed in is checked by n8n/],
	},
	{
		name: 'On Error: Continue for one item with a failing expression',
		missingIn: ['2.20.6'],
		tests: [/with On Error: Continue, expressions that fail /],
	},
];
