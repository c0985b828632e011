import { MAX_FILES } from '../dataUri';
import { hasEnded } from '../types';
import type { Task } from './task';

/** Hints for somebody who executes the node in the editor. Each is shown only if it is true. */
export function hintsFor(tasks: Task[], itemsWithoutFile: number): string[] {
	const hints: string[] = [];
	const continues = ({ start, run, plan }: Task) =>
		start?.runId !== undefined && plan?.completion.waits === false && !hasEnded(run ?? {});
	const hasMaxFiles = ({ result }: Task) => Object.keys(result?.binary ?? {}).length >= MAX_FILES;
	if (tasks.some(continues)) {
		hints.push(
			"The run continues in Dibby. To get its result, use 'Get Run' with its ID. Executing this node again starts another run.",
		);
	}
	if (itemsWithoutFile > 0) {
		const items = itemsWithoutFile === 1 ? '1 item' : `${itemsWithoutFile} items`;
		hints.push(
			`${items} had no matching file, so no run was started for ${itemsWithoutFile === 1 ? 'it' : 'them'}.`,
		);
	}
	if (tasks.some(hasMaxFiles)) {
		hints.push(
			`Up to ${MAX_FILES.toLocaleString('en')} documents of a result become files. Further documents stay in the JSON.`,
		);
	}
	return hints;
}
