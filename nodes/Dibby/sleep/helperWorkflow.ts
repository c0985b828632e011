import type { IExecuteFunctions, INode, INodeParameters, IWorkflowBase } from 'n8n-workflow';

import { listRuns } from '../errors';
import { STATE_MARK } from './sleepState';
import type { SleepingRun } from './sleepState';

/** How often n8n may fail to execute a poll before the helper gives up: a deleted credential doesn't come back. */
const MAX_FAILED_POLLS = 5;

/** In the helper's error and note, which have more room than an error of the node. */
const MAX_NAMED_RUNS = 100;

/** What the Dibby node does when it is executed inside the helper workflow. With `finishAll`, errors become items. */
export const SLEEP_STEPS = ['poll', 'finish', 'finishAll'] as const;
export type SleepStep = (typeof SLEEP_STEPS)[number];

const N8N_NODES = 'n8n-nodes-base.';

/** The types of n8n's own nodes that the helper workflow consists of. */
export const HELPER_NODE_TYPES = [
	'executeWorkflowTrigger',
	'wait',
	'switch',
	'noOp',
	'stopAndError',
].map((name) => N8N_NODES + name);

const START = 'Dibby Runs';
const SLEEP = 'Sleep Until Next Check';
const POLL = 'Check Dibby Runs';
const ENDED = 'All Runs Ended?';
const FINISH = 'Get Results';
const COMPLETE = 'All Results There?';
const RETURN = 'Return Results';
const GIVE_UP = 'Give Up';

/** The settings that the helper workflow shares with the workflow of the sleeping node. */
const SHARED_SETTINGS = ['binaryMode', 'timezone', 'redactionPolicy', 'credentialResolverId'];

/**
 * The helper workflow: it sleeps, checks on the runs that haven't ended, and repeats until all have ended or reached
 * their time limits. Then it gets their results, which become the output of the sleeping node. If it can't get one of
 * them yet, it sleeps again.
 *
 * @param engine n8n's context of the sleeping node. The helper workflow uses the node's type, credential, and Request
 *   Options, the latter with their expressions, because they may contain a password
 */
export function helperWorkflow(
	engine: Pick<IExecuteFunctions, 'getNode' | 'getWorkflowSettings' | 'continueOnFail'>,
	runs: SleepingRun[],
	executionId: string,
): Pick<IWorkflowBase, 'name' | 'nodes' | 'connections' | 'settings'> {
	const { type, typeVersion, credentials, parameters } = engine.getNode();
	const { requestOptions = {} } = parameters;
	const continuesOnError = engine.continueOnFail();
	const n8nNode = (
		name: string,
		nodeType: string,
		version: number,
		own: INodeParameters,
	): INode => ({
		id: name,
		name,
		type: N8N_NODES + nodeType,
		typeVersion: version,
		position: [0, 0],
		parameters: own,
	});
	const dibbyNode = (name: string, sleepStep: SleepStep): INode => ({
		...n8nNode(name, '', typeVersion, {
			resource: 'run',
			operation: 'getRun',
			// Required, but not used: the item names all runs.
			runId: 'see the item',
			sleepStep,
			requestOptions,
		}),
		type,
		credentials,
	});
	const nodes = [
		n8nNode(START, 'executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' }),
		n8nNode(SLEEP, 'wait', 1.1, {
			resume: 'timeInterval',
			amount: '={{ $json.sleepSeconds }}',
			unit: 'seconds',
		}),
		// If n8n can't execute it, it passes the state on unchanged.
		{ ...dibbyNode(POLL, 'poll'), onError: 'continueRegularOutput' as const },
		n8nNode(ENDED, 'switch', 1, {
			mode: 'expression',
			output: `={{ $json.hasEnded ? 0 : $runIndex + 1 - $json.polls < ${MAX_FAILED_POLLS} ? 1 : 2 }}`,
		}),
		dibbyNode(FINISH, continuesOnError ? 'finishAll' : 'finish'),
		// Anything but the state is a result.
		n8nNode(COMPLETE, 'switch', 1, {
			mode: 'expression',
			output: `={{ $json.${STATE_MARK} ? 1 : 0 }}`,
		}),
		n8nNode(RETURN, 'noOp', 1, {}),
		n8nNode(GIVE_UP, 'stopAndError', 1, {
			errorType: 'errorObject',
			errorObject: JSON.stringify(gaveUpError(runs, continuesOnError)),
		}),
	].map((node, column) => ({ ...node, position: [240 * column, 0] as [number, number] }));
	// For somebody who opens the helper execution in the editor.
	const content = `## Don't stop this execution\nIt checks on Dibby runs for execution ${executionId}, which sleeps in the meantime. When the runs have ended, that execution continues with their results.\n\nRuns: ${listRuns(runs, MAX_NAMED_RUNS)}`;
	const note = n8nNode('Note', 'stickyNote', 1, { content, width: 700, height: 220 });
	const to = (name: string) => [{ node: name, type: 'main' as const, index: 0 }];
	const shared = Object.entries(engine.getWorkflowSettings()).filter(([name]) =>
		SHARED_SETTINGS.includes(name),
	);
	return {
		name: `Dibby: waiting for ${runs.length} run${runs.length === 1 ? '' : 's'}`,
		nodes: [...nodes, { ...note, position: [0, -260] }],
		connections: {
			[START]: { main: [to(SLEEP)] },
			[SLEEP]: { main: [to(POLL)] },
			[POLL]: { main: [to(ENDED)] },
			[ENDED]: { main: [to(FINISH), to(SLEEP), to(GIVE_UP)] },
			[FINISH]: { main: [to(COMPLETE)] },
			[COMPLETE]: { main: [to(RETURN), to(SLEEP)] },
		},
		settings: {
			...Object.fromEntries(shared),
			executionOrder: 'v1',
			// Its documents belong to the sleeping execution, so they must outlive it.
			saveDataSuccessExecution: 'all',
			saveDataErrorExecution: 'all',
			// n8n would count the time asleep, stop the helper, and never wake the sleeping node.
			executionTimeout: -1,
			callerPolicy: 'any',
		},
	};
}

/** With Continue, n8n makes one item of all, with the message alone. */
function gaveUpError(runs: SleepingRun[], continuesOnError: boolean) {
	const message = "n8n couldn't check on the Dibby runs";
	const description = `Check whether the node's Dibby API credential was deleted. The runs continue in Dibby, so don't start them again. Use 'Get Run' to get them: ${listRuns(runs, MAX_NAMED_RUNS)}.`;
	return continuesOnError ? { message: `${message}. ${description}` } : { message, description };
}
