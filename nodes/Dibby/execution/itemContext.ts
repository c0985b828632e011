import type { IExecuteFunctions } from 'n8n-workflow';

import type { ItemContext } from '../types';

/** Narrows n8n's context for all items down to one of them. */
export function itemContextOf(context: IExecuteFunctions, itemIndex: number): ItemContext {
	const forItem: Partial<ItemContext> = {
		getItemIndex: () => itemIndex,
		getInputData: () => context.getInputData()[itemIndex] ?? { json: {} },
		getNodeParameter: (name, fallback, options) =>
			context.getNodeParameter(name, itemIndex, fallback, options) as object,
		getCredentials: async (type) => await context.getCredentials(type, itemIndex),
	};
	return Object.assign(Object.create(context) as ItemContext, forItem);
}
