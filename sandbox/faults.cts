/** What goes wrong with a request. `taken` faults start the run all the same, `early` ones answer before they read. */
export type Fault =
	| {
			status: number;
			headers?: Record<string, string>;
			body?: string;
			taken?: boolean;
			early?: boolean;
	  }
	| { kind: 'resetBeforeRead' | 'resetAfterFirstByte' | 'resetAfterTaken' }
	| {
			kind:
				| 'hang'
				| 'stall'
				| 'endlessBody'
				| 'stuckBody'
				| 'truncated'
				| 'notJson'
				| 'html'
				| 'emptyBody'
				| 'wrongShape'
				| 'latin1';
	  }
	| { kind: 'slowBody'; byteEveryMs: number }
	| { kind: 'hugeBody'; bytes: number }
	| { kind: 'deepJson'; depth: number }
	| { kind: 'redirect'; location: string }
	| { kind: 'unknownStatus'; status: string }
	| { kind: 'output'; output: unknown }
	| { kind: 'runWith'; fields: object };

/** A line of the plan: which fault, on which request, how often. */
export interface PlannedFault {
	/** What the line is called in tables. */
	name: string;
	on: 'POST' | 'GET' | 'any';
	/** The first and the last request it applies to, counted from 1 for each method; all when left out. */
	nth?: number | [from: number, to: number];
	fault: Fault;
}

export type FaultPlan = readonly PlannedFault[];

/** Finds the fault for a request, if there is one. */
export function faultFor(plan: FaultPlan, method: string, count: number): PlannedFault | undefined {
	return plan.find(({ on, nth = [1, Infinity] }) => {
		const [from, to] = typeof nth === 'number' ? [nth, nth] : nth;
		return (on === 'any' || on === method) && count >= from && count <= to;
	});
}
