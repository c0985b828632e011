import type { IExecuteFunctions } from 'n8n-workflow';

import type { Redactor } from '../api/redact';
import { statusOf } from '../api/runErrors';
import { detailsOf } from '../output/itemResult';
import { fallAsleep, itemOfSleep } from '../sleep/fallAsleep';
import { isTimeUp } from '../sleep/sleepState';
import type { SleepingRun } from '../sleep/sleepState';
import { hasEnded } from '../types';
import type { Completion } from '../types';
import type { Task } from './task';

/** Whether a task's run hasn't ended and has time left, so that n8n has to sleep for it. */
export function needsSleep({ run, plan }: Task, began: number): boolean {
	if (plan?.completion.sleeps !== true || run === undefined || hasEnded(run)) return false;
	return !isTimeUp(began, plan.completion);
}

/**
 * Puts the execution to sleep for the tasks that need it. n8n resumes it with the results of all items, so the others
 * sleep along.
 *
 * @param waiting the tasks that need to sleep; if n8n refuses, they get its error
 * @param began when the wait began, as a date
 * @returns whether the execution sleeps
 */
export async function sleepTogether(
	engine: IExecuteFunctions,
	tasks: Task[],
	waiting: Task[],
	began: number,
	redact: Redactor,
): Promise<boolean> {
	const completion = waiting[0]?.plan?.completion;
	if (completion === undefined) return false;
	const runs = tasks.map((task) => sleepingRunOf(task, completion, redact));
	try {
		await fallAsleep(engine, runs, began);
	} catch (error) {
		for (const task of waiting) task.error = { ...detailsOf(error, redact), runId: task.run?.id };
		return false;
	}
	runs.forEach((run, index) => {
		const task = tasks[index];
		if (task === undefined) return;
		task.result = itemOfSleep(run);
		// Retry On Fail would take the error as a reason to execute the node again, next to the sleeping one.
		task.error = undefined;
	});
	return true;
}

/** @param ofOthers stands in for the settings of an item whose parameters couldn't be read */
function sleepingRunOf(task: Task, ofOthers: Completion, redact: Redactor): SleepingRun {
	const { item, run, plan, error, start } = task;
	const isPolled = run !== undefined && plan?.completion.waits === true;
	return {
		item,
		...(plan?.field === undefined ? {} : { field: plan.field }),
		runId: run?.id ?? error?.runId ?? '',
		status: run === undefined ? '' : statusOf(run, redact),
		hasEnded: !isPolled || hasEnded(run),
		...(error === undefined ? {} : { error }),
		isStartedHere: start !== undefined,
		...(plan?.source === undefined ? {} : { source: plan.source }),
		completion: plan?.completion ?? ofOthers,
	};
}
