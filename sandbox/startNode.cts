import { ReceivedDocument } from './document.cts';
import type { InputType, SandboxWorkflow } from './types.cts';

const isDocument = (value: unknown) => value instanceof ReceivedDocument;

/** A value's type in the Start Node. */
function typeOf(value: unknown): InputType | 'null' {
	if (value === null) return 'null';
	if (Array.isArray(value))
		return value.length > 0 && value.every(isDocument) ? 'documents' : 'array';
	if (isDocument(value)) return 'document';
	return typeof value as InputType;
}

/** Whether a value has a type. An empty list can be an array or a list of documents. */
function fits(value: unknown, type: InputType): boolean {
	const isEmptyList = Array.isArray(value) && value.length === 0;
	return typeOf(value) === type || (isEmptyList && type === 'documents');
}

/** What is wrong with the inputs: a missing or unknown one, or one with the wrong type. */
export function inputsProblem(
	{ startNode }: SandboxWorkflow,
	inputs: Record<string, unknown>,
): string | undefined {
	if (startNode === 'anything') return undefined;
	for (const { name, type } of startNode) {
		if (!Object.hasOwn(inputs, name)) return `The input "${name}" (${type}) is missing`;
		const value = inputs[name];
		if (!fits(value, type))
			return `The input "${name}" must be of the type ${type}, and is ${typeOf(value)}`;
	}
	const known = startNode.map(({ name }) => name);
	const unknown = Object.keys(inputs).find((name) => !known.includes(name));
	return unknown === undefined ? undefined : `The Start Node has no input "${unknown}"`;
}
