/** How a request fails. `taken`: the run is started anyway. */
export type Fault =
	| {
			status: number;
			headers?: Record<string, string>;
			body?: string;
			taken?: boolean;
	  }
	| { kind: 'resetBeforeRead' | 'resetAfterFirstByte' | 'resetAfterTaken' }
	| { kind: 'hang' | 'stall' | 'endlessBody' | 'stuckBody' | 'truncated' | 'notJson' | 'latin1' }
	| { kind: 'slowBody'; byteEveryMs: number }
	| { kind: 'hugeBody'; bytes: number }
	| { kind: 'deepJson'; depth: number }
	| { kind: 'unknownStatus'; status: string }
	| { kind: 'output'; output: unknown }
	| { kind: 'runWith'; fields: object };

/** Which requests fail, and how. */
export interface PlannedFault {
	on: 'POST' | 'GET' | 'any';
	/** The request, or the first and the last one, counted from 1 for each method. Default: all. */
	nth?: number | [from: number, to: number];
	fault: Fault;
}

export type FaultPlan = readonly PlannedFault[];

/** The fault planned for a request. */
export function faultFor(plan: FaultPlan, method: string, count: number): PlannedFault | undefined {
	return plan.find(({ on, nth = [1, Infinity] }) => {
		const [from, to] = typeof nth === 'number' ? [nth, nth] : nth;
		return (on === 'any' || on === method) && count >= from && count <= to;
	});
}
