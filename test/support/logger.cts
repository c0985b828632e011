import { createRequire } from 'node:module';

import { Container } from './n8n.cts';

/** n8n's levels that tests look at. */
type Level = 'info' | 'warn' | 'error';

/** n8n's log: a class with a method for each level. */
type Logger = Record<Level, (message: string, meta?: object) => void>;

/** What went into n8n's log while it was watched. */
export interface WatchedLog {
	/** Every line of a level with its details, as text. */
	lines: (level: Level) => string[];
	/** Puts n8n's own log back. */
	restore: () => void;
}

/** The logger of the engine, the nodes, and n8n-workflow. */
function loggerOf(): Logger {
	const backend = createRequire(require.resolve('n8n-core'))('@n8n/backend-common') as {
		Logger: abstract new () => Logger;
	};
	return Container.get(backend.Logger);
}

/** Watches n8n's own log from now on, in place of what else it does. */
export function watchLog(): WatchedLog {
	const logger = loggerOf();
	const levels: Level[] = ['info', 'warn', 'error'];
	const lines: Record<Level, string[]> = { info: [], warn: [], error: [] };
	for (const level of levels) {
		logger[level] = (...line) => void lines[level].push(JSON.stringify(line));
	}
	return {
		lines: (level) => lines[level],
		// The logger's class has the methods; these were put before them.
		restore: () => levels.forEach((level) => Reflect.deleteProperty(logger, level)),
	};
}
