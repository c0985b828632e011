import type { IDataObject } from 'n8n-workflow';

import type { FieldRow } from './inputs';

type Plain = string | number | boolean | null;

/** A field of the item, as the editor writes it when it is dragged in: {{ $json.total }}, {{ $json['a name'][0].id }}. */
const ITEM_FIELD = /^=\{\{ *\$json((?:\.[A-Za-z_]\w*|\['[^'\\]*'\]|\[\d+\])+) *\}\}$/;
const STEPS = /\.(?<name>\w+)|\['(?<quoted>[^']*)'\]|\[(?<index>\d+)\]/g;

/**
 * Reads rows whose values are constants or fields of the item, with the same outcome as n8n's `getNodeParameter`.
 * That one would evaluate each expression once more, after n8n's engine has done so twice, and an expression costs as
 * much as a request (docs/performance.md).
 *
 * @param rows as the workflow has them, with their expressions
 * @returns undefined when only n8n can read them: any other expression, and any value that is not plain
 */
export function readItemFields(rows: FieldRow[], json: IDataObject): FieldRow[] | undefined {
	const read = rows.map((row) => ({ ...row, value: readValue(row.value, json) }));
	const areRead = read.every(
		({ name, type, value }) => value !== undefined && !isExpression(name) && !isExpression(type),
	);
	return areRead ? read : undefined;
}

function isExpression(value: unknown): boolean {
	return typeof value === 'string' && value.startsWith('=');
}

function readValue(value: unknown, json: IDataObject): Plain | undefined {
	if (!isExpression(value)) return isPlain(value) ? value : undefined;
	const path = ITEM_FIELD.exec(String(value))?.[1];
	if (path === undefined) return undefined;
	let found: unknown = json;
	for (const { groups = {} } of path.matchAll(STEPS)) {
		const key = groups.name ?? groups.quoted ?? groups.index ?? '';
		// n8n refuses some of the names that every object has.
		if (key in Object.prototype || !isOwn(found, key)) return undefined;
		found = found[key];
	}
	return isPlain(found) ? found : undefined;
}

function isOwn(found: unknown, key: string): found is IDataObject {
	return typeof found === 'object' && found !== null && Object.hasOwn(found, key);
}

function isPlain(value: unknown): value is Plain {
	return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
