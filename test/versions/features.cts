import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import type { validateFieldType } from 'n8n-workflow';

import type { InstalledCore } from './install.cts';

/** Something that newer versions of n8n give to a node, and older ones do not. The node works without. */
export interface Feature {
	name: string;
	isThere: (core: InstalledCore) => boolean;
	/** The tests that can't pass without it. */
	neededBy: RegExp[];
}

/** n8n's own packages, as the version has them. */
function workflowOf({ folder }: InstalledCore) {
	return createRequire(path.join(folder, 'package.json'))('n8n-workflow') as Record<
		string,
		unknown
	> & {
		validateFieldType: typeof validateFieldType;
	};
}

/** Tells whether a package of n8n names something in a file whose name ends so. */
function names({ folder }: InstalledCore, word: string, file: string, name = 'n8n-core'): boolean {
	const dist = path.join(folder, 'node_modules', name, 'dist');
	return readdirSync(dist, { recursive: true, encoding: 'utf8' })
		.filter((entry) => entry.endsWith(file))
		.some((entry) => readFileSync(path.join(dist, entry), 'utf8').includes(word));
}

export const FEATURES: readonly Feature[] = [
	{
		// The editor's list of types: a newer n8n refuses what is no file, an older one knows no such type.
		name: 'Binary Data in Inputs',
		isThere: (core) => !workflowOf(core).validateFieldType('input', 5, 'binary' as 'string').valid,
		neededBy: [],
	},
	{
		name: 'cancel signal',
		isThere: (core) =>
			names(core, 'getExecutionCancelSignal', 'execute-single-context.js') ||
			names(core, 'getExecutionCancelSignal', 'base-execute-context.js'),
		neededBy: [/^cancelling /],
	},
	{
		name: 'run IDs to filter by',
		isThere: (core) => names(core, 'customData', 'node-execution-context.js'),
		neededBy: [
			/^a cancelled execution keeps the run's ID/,
			/^n8n shows the IDs of all runs/,
			/^the IDs that n8n shows with the execution/,
		],
	},
	{
		name: 'combined binary mode',
		isThere: (core) => 'BINARY_MODE_COMBINED' in workflowOf(core),
		neededBy: [/combined binary mode/],
	},
	{
		// Older ones give the whole node up, and hand on what came in.
		name: 'an expression that fails for one item alone',
		isThere: (core) => names(core, 'Promise.resolve([{ json: {}, error', 'routing-node.js'),
		neededBy: [/^with On Error: Continue, expressions that fail /],
	},
	{
		name: "Retry On Fail of an agent's tool",
		isThere: (core) => names(core, 'maxTries', 'get-input-connection-data.js'),
		neededBy: [/the tool's own Retry On Fail starts nothing twice$/],
	},
	{
		name: 'what is wrong with a parameter, in the error',
		isThere: (core) => names(core, 'formatSingleNode', 'workflow-has-issues.error.js'),
		neededBy: [/what is typed in is checked by n8n/],
	},
	{
		name: 'domains that a credential is limited to',
		isThere: (core) =>
			names(core, 'allowedDomains', 'axios-utils.js') ||
			!names(core, 'httpRequestWithAuthentication', 'request-helper-functions.js'),
		neededBy: [
			/the domains that it is limited to another one is refused/,
			/^a request that n8n refuses to make closes the file/,
		],
	},
	{
		name: 'Sleep',
		isThere: (core) => names(core, 'onExecutionFinish', 'base-execute-context.js'),
		neededBy: [
			/lacks the nodes that sleeping needs/,
			/refuses to sleep/,
			/sleeps along/,
			/falls asleep/,
			/going to end before Time Limit/,
			/execute a sleeping node again/,
			/that is an expression of the item is refused/,
		],
	},
	{
		// Older engines run the node again, and then hand on what the first try gave.
		name: 'the result of a retry after Continue On Fail',
		isThere: (core) => !names(core, 'while (didContinueOnFail', 'workflow-execute.js'),
		neededBy: [/with Continue On Fail, which n8n retries too/],
	},
	{
		// Older ones leave it to Node.js, which keeps an idle connection for a few seconds.
		name: 'connections closed after use',
		isThere: ({ core }) => !/^1\.\d\d\./.test(core),
		neededBy: [/^cancelling while waiting ends it at once/],
	},
];
