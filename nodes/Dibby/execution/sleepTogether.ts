import type { IExecuteFunctions } from 'n8n-workflow';

import type { Redactor } from '../api/redact';
import { statusOf } from '../api/runErrors';
import { fallAsleep, itemOfSleep } from '../sleep/fallAsleep';
import { isTimeUp } from '../sleep/sleepState';
import type { SleepingRun } from '../sleep/sleepState';
import { hasEnded } from '../types';
import type { Completion } from '../types';
import type { Task } from './task';

/** Whether a task's run hasn't ended and has time left, so that n8n has to sleep for it. */
export function needsSleep(task: Task, began: number): boolean {
	const completion = task.plan?.completion;
	return completion?.sleeps === true && isAwaited(task) && !isTimeUp(began, completion);
}

/** Whether a task's run has to be polled until it has ended. */
function isAwaited({ seen, plan, error }: Task): boolean {
	if (seen === undefined || error !== undefined) return false;
	return plan?.completion.waits === true && !hasEnded(seen.run);
}

/**
 * Puts the execution to sleep. n8n resumes it with the results of all items, so the finished ones sleep along.
 *
 * @param ofOthers stands in for the settings of an item whose parameters couldn't be read
 * @param began when the wait began, as a date
 * @throws DibbyError if n8n refuses
 */
export async function sleepTogether(
	engine: IExecuteFunctions,
	tasks: Task[],
	ofOthers: Completion,
	began: number,
	redact: Redactor,
): Promise<void> {
	const runs = tasks.map((task) => sleepingRunOf(task, ofOthers, redact));
	await fallAsleep(engine, runs, began);
	for (const task of tasks) {
		task.result = itemOfSleep(sleepingRunOf(task, ofOthers, redact));
		// Retry On Fail would take the error as a reason to execute the node again, next to the sleeping one.
		task.error = undefined;
	}
}

function sleepingRunOf(task: Task, ofOthers: Completion, redact: Redactor): SleepingRun {
	const { item, seen, plan, error, start } = task;
	return {
		item,
		field: plan?.field,
		runId: seen?.run.id ?? error?.runId ?? '',
		status: seen === undefined ? '' : statusOf(seen.run, redact),
		hasEnded: !isAwaited(task),
		error,
		isStartedHere: start !== undefined,
		source: plan?.source,
		completion: plan?.completion ?? ofOthers,
	};
}
