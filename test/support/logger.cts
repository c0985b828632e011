import { createRequire } from 'node:module';

import { Container } from './n8n.cts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

/** n8n's log: a class with a method for each level. */
type Logger = Record<Level, (message: string, meta?: object) => void>;

/** What went into n8n's log while it was watched. */
export interface WatchedLog {
	/** Every line of a level with its details, as text. */
	lines: (level: Level) => string[];
	/** Puts n8n's own log back. */
	restore: () => void;
}

/** Watches the log of the engine, the nodes, and n8n-workflow from now on, in place of what else it does. */
export function watchLog(): WatchedLog {
	const backend = createRequire(require.resolve('n8n-core'))('@n8n/backend-common') as {
		Logger: abstract new () => Logger;
	};
	const logger = Container.get(backend.Logger);
	const lines: Record<Level, string[]> = { debug: [], info: [], warn: [], error: [] };
	for (const level of LEVELS) {
		logger[level] = (...line) => void lines[level].push(JSON.stringify(line));
	}
	return {
		lines: (level) => lines[level],
		// The logger's class has the methods; these were put before them.
		restore: () => LEVELS.forEach((level) => Reflect.deleteProperty(logger, level)),
	};
}
