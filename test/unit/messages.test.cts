import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { sourcesIn } from '../docs/markdown.cts';

// The snapshots of test/engine/messages*.test.cts show every error. This finds errors that they don't provoke.
const SNAPSHOTS = path.join(__dirname, '..', 'engine', '__snapshots__');

const snapshots = readdirSync(SNAPSHOTS)
	.map((name) => readFileSync(path.join(SNAPSHOTS, name), 'utf8'))
	.join('\n');

const code = sourcesIn('nodes').map((file) =>
	readFileSync(file, 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, ''),
);

/** The node's messages: first arguments of `inputError`, members `message`, and entries of the tables of messages. */
const MESSAGE =
	/(?:\binputError\(|\bmessage(?: =|:)|(?:\breturn |[:?] )\[)\s*(['"`])((?:(?!\1)[^\\])+)\1/g;
const isSentence = (text: string) => /^(['A-Z]|n8n ).* /.test(text);

/** Errors that the newest n8n can't provoke, one that nobody sees because n8n drops it, and one that is no error. */
const NOT_PROVOKED = [
	"This version of n8n doesn't support 'Sleep'",
	"An agent's tool can't use 'Sleep'",
	'The execution was canceled',
	'Dibby accepted the token',
];

const messages = code.flatMap((text) =>
	[...text.matchAll(MESSAGE)].map(([, , found = '']) => found).filter(isSentence),
);

/** Without the values in a message, and without words that have their own rules. */
const partsOf = (message: string) =>
	message.split(/\$\{[^}]*(?:\}|$)/).filter((part) => part.length > 3);

test('every message of the node is found, and in a snapshot', () => {
	expect(messages.length).toBeGreaterThan(50);
	expect(messages).toContain("'Run ID' is empty");
	expect(messages).toContain("Can't connect to Dibby");
	const missing = messages
		.filter((message) => !NOT_PROVOKED.includes(message))
		.filter((message) => partsOf(message).some((part) => !snapshots.includes(part.trim())));
	expect(missing).toEqual([]);
});
