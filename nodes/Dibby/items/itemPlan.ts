import type { INodeExecutionData } from 'n8n-workflow';

import type { Connection } from '../api/retry';
import type { ErrorDetails } from '../errors';
import type { Completion, DibbyRun, ItemContext } from '../types';
import type { EngineLoop } from './engineLoop';
import type { ItemStartLog } from './startedRuns';

/** What an operation does for an item whose parameters were read and found right. */
export interface ItemPlan {
	completion: Completion;
	/** Starts the run, or gets it; undefined when the node stops before the item's turn came. */
	begin: (item: BatchItem) => Promise<DibbyRun | undefined>;
}

/** Reads and checks an item's parameters, once. Nothing is sent yet; an item that fails here stops all the others. */
export type Prepare = (context: ItemContext, isToolCall: boolean) => ItemPlan | Promise<ItemPlan>;

/** An item that everything is ready for. */
export interface BatchItem {
	context: ItemContext;
	connection: Connection;
	engineLoop: Pick<EngineLoop<never>, 'isToolCall' | 'nodeName' | 'runIndex'>;
	/** Set by the operation where it starts a run. */
	startLog?: ItemStartLog;
}

/** An item that everything is ready for, with what is to be done for it. */
export type ReadyItem = BatchItem & ItemPlan;

/** How far an item has come: it is ready, then its run is known, then it has its result or its error. */
export interface ItemProgress {
	index: number;
	ready?: ReadyItem;
	run?: DibbyRun;
	result?: INodeExecutionData;
	error?: ErrorDetails;
}
