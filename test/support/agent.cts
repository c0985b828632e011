import type { ExecuteContext } from 'n8n-core';
import { RoutingNode } from 'n8n-core';
import type { IDataObject, IExecuteFunctions, INodeType } from 'n8n-workflow';

import { loadPackage } from './dibbyPackage.cts';
import type { Engine, Job, JobResult, Step } from './engine.cts';
import { nodeType, textParameter } from './nodeTypes.cts';

/** What the model gets of a tool's call: the result as text, or what n8n says of the error. */
export type ToolAnswer = { text?: string; error?: string };

/** Older versions of n8n hand an error to the model as if it were a result, and say only its description. */
const ERROR_AS_TEXT = /^Error during node execution ?: /;

/** Calls the tool with the arguments that the model made up. */
export type CallTool = (args: IDataObject) => Promise<ToolAnswer>;

/** What an agent does for one of its items, in place of a language model. */
export type Model = (call: CallTool, itemIndex: number) => Promise<void>;

const AGENT = 'Agent';
const TOOL = 'Dibby Tool';

/** The part of LangChain's tools, which n8n's engine makes, that an agent uses. */
type Tool = { invoke: (args: IDataObject) => Promise<string> };

let model: Model = async () => {};

/** The agents of n8n up to version 2: they get their tools from the engine for each item, and call them themselves. */
const agent = nodeType(
	'agent',
	async function (this: IExecuteFunctions) {
		// A test workflow is a straight line; a tool hangs below its agent.
		const toAgent = [[{ node: AGENT, type: 'ai_tool' as const, index: 0 }]];
		(this as ExecuteContext).workflow.setConnections({ [TOOL]: { ai_tool: toAgent } });
		for (const itemIndex of this.getInputData().keys()) {
			const [tool] = (await this.getInputConnectionData('ai_tool', itemIndex)) as [Tool];
			await model(async (args) => await answerOf(tool, args), itemIndex);
		}
		return [[]];
	},
	{ inputs: ['main', { type: 'ai_tool' }] },
);

async function answerOf(tool: Tool, args: IDataObject): Promise<ToolAnswer> {
	try {
		const text = await tool.invoke(args);
		return ERROR_AS_TEXT.test(text) ? { error: text } : { text };
	} catch (error) {
		return { error: (error as Error).message };
	}
}

/** The node types to start the engine with: an agent, and the Dibby node as the tool that n8n's server makes of it. */
export async function agentNodeTypes(): Promise<Record<string, INodeType>> {
	const { node } = await loadPackage();
	const { description, properties } = node.description;
	const dibbyTool = nodeType(
		'dibbyTool',
		async function (this: IExecuteFunctions) {
			return (await new RoutingNode(this as ExecuteContext, node).runNode()) ?? [];
		},
		{
			...node.description,
			name: 'dibbyTool',
			inputs: [],
			outputs: ['ai_tool'],
			properties: [textParameter('toolDescription', description), ...properties],
		},
	);
	return { agent, dibbyTool };
}

/**
 * Runs a workflow of one agent with the Dibby node as its tool.
 *
 * @param tool the node as `triggerRun` or `getRun` give it
 */
export async function runAgent(
	engine: Engine,
	tool: Step,
	job: Job,
	thinks: Model,
): Promise<JobResult> {
	model = thinks;
	const agentStep = { type: 'agent', name: AGENT };
	return await engine.run([agentStep, { ...tool, type: 'dibbyTool', name: TOOL }], job);
}
