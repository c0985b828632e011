import type { INode, IWorkflowBase } from 'n8n-workflow';

import type { SleepingRun } from './sleep';

/** So often may n8n fail to ask at all: a credential that was deleted does not come back. */
const MOST_FAILURES = 5;

/** What the node does when it is executed inside the inner workflow; with `finishAll`, errors are items too. */
export const SLEEP_STEPS = ['poll', 'finish', 'finishAll'] as const;
export type SleepStep = (typeof SLEEP_STEPS)[number];

const NODES = 'n8n-nodes-base.';

/** The node types of n8n's own that the inner workflow is made of. */
export const INNER_NODE_TYPES = ['executeWorkflowTrigger', 'wait', 'switch', 'stopAndError'].map(
	(name) => `${NODES}${name}`,
);

const START = 'Runs of the Dibby node';
const SLEEP = 'Sleep until the next poll';
const POLL = 'Ask Dibby for the runs';
const OVER = 'All runs over?';
const FINISH = 'Hand on the results';
const GIVE_UP = 'Dibby could not be asked';

/**
 * The inner workflow: sleep, ask Dibby for the runs that are not over, and again, until all are over or their time
 * limits; then fetch and shape the final items. What its last node gives is what the sleeping node gives.
 *
 * @param node the sleeping node; the inner workflow has its type and credential
 * @param requestOptions the node's Request Options, with their values for the first item
 * @param settings those of the sleeping execution's workflow, of which some are kept
 */
export function innerWorkflow(
	node: INode,
	requestOptions: object,
	settings: object,
	runs: SleepingRun[],
	continuesOnError: boolean,
): Pick<IWorkflowBase, 'name' | 'nodes' | 'connections' | 'settings'> {
	const inner = (name: string, type: string, typeVersion: number, parameters: object): INode => ({
		id: name,
		name,
		type: `${NODES}${type}`,
		typeVersion,
		position: [0, 0],
		parameters: parameters as INode['parameters'],
	});
	const dibby = (name: string, sleepStep: SleepStep): INode => ({
		...inner(name, '', node.typeVersion, {
			operation: 'getRun',
			// Required, and not used: the item names all runs.
			runId: 'those of the item',
			sleepStep,
			requestOptions,
		}),
		type: node.type,
		credentials: node.credentials,
	});
	const nodes = [
		inner(START, 'executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' }),
		inner(SLEEP, 'wait', 1.1, {
			resume: 'timeInterval',
			amount: '={{ $json.sleepSeconds }}',
			unit: 'seconds',
		}),
		// Where n8n can't execute it, it hands the state on as it was.
		{ ...dibby(POLL, 'poll'), onError: 'continueRegularOutput' as const },
		inner(OVER, 'switch', 1, {
			mode: 'expression',
			output: `={{ $json.isOver ? 0 : $runIndex + 1 - $json.polls < ${MOST_FAILURES} ? 1 : 2 }}`,
		}),
		dibby(FINISH, continuesOnError ? 'finishAll' : 'finish'),
		inner(GIVE_UP, 'stopAndError', 1, {
			errorType: 'errorObject',
			errorObject: JSON.stringify(gaveUpError(runs, continuesOnError)),
		}),
	];
	const to = (name: string) => [{ node: name, type: 'main' as const, index: 0 }];
	return {
		name: `Dibby: waiting for ${runs.length} run${runs.length === 1 ? '' : 's'}`,
		// Side by side: somebody may open the execution.
		nodes: nodes.map((one, index) => ({ ...one, position: [240 * index, 0] })),
		connections: {
			[START]: { main: [to(SLEEP)] },
			[SLEEP]: { main: [to(POLL)] },
			[POLL]: { main: [to(OVER)] },
			[OVER]: { main: [to(FINISH), to(SLEEP), to(GIVE_UP)] },
		},
		settings: {
			...pick(settings, ['binaryMode', 'timezone', 'redactionPolicy', 'credentialResolverId']),
			executionOrder: 'v1',
			// Its documents are those of the sleeping execution: they must not go when it has succeeded.
			saveDataSuccessExecution: 'all',
			saveDataErrorExecution: 'all',
			// n8n would count the time asleep, stop the inner workflow, and never wake the sleeping node.
			executionTimeout: -1,
			callerPolicy: 'any',
		},
	};
}

/** n8n makes one item of all, with the message alone, where the sleeping node continues on errors. */
function gaveUpError(runs: SleepingRun[], continuesOnError: boolean) {
	const message = 'n8n could not ask for the Dibby runs';
	const list = runs
		.filter(({ runId }) => runId !== '')
		.map(({ item, runId }) => `item ${item}: ${runId}`);
	const description = `Was the node's Dibby API credential deleted? The runs go on in Dibby; don't start them again, but fetch them with Get Run: ${list.join(', ')}.`;
	return continuesOnError ? { message: `${message}. ${description}` } : { message, description };
}

function pick(settings: object, names: string[]): object {
	return Object.fromEntries(Object.entries(settings).filter(([name]) => names.includes(name)));
}
