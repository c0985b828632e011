import { inputError, shorten } from '../errors';

/**
 * Reads a switch. Expressions and agents often give the text "true" where true is meant.
 *
 * @param label the parameter's name in the panel
 * @throws DibbyError for anything that is neither true nor false
 */
export function asSwitch(label: string, value: unknown): boolean {
	if (typeof value === 'boolean') return value;
	const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
	if (text === 'true') return true;
	if (text === 'false') return false;
	throw inputError(
		`${label} must be true or false`,
		'Set it with the switch, or let its expression give true or false.',
	);
}

/**
 * Reads a number, also one written as text.
 *
 * @param accepts which numbers make sense
 * @param message the error for the others, and for what is no number
 * @throws DibbyError
 */
export function asNumber(
	value: unknown,
	accepts: (number: number) => boolean,
	message: string,
	description: string,
): number {
	const isWritten = typeof value === 'string' && value.trim() !== '';
	const number = typeof value === 'number' || isWritten ? Number(value) : NaN;
	if (!accepts(number)) throw inputError(message, description);
	return number;
}

/**
 * Reads one of several choices.
 *
 * @throws DibbyError for any other value
 */
export function asChoice<Choice extends string>(
	label: string,
	value: unknown,
	choices: readonly Choice[],
): Choice {
	const known = choices.find((choice) => choice === value);
	if (known !== undefined) return known;
	throw inputError(
		`${label} has the value "${shorten(String(value))}", which the node does not know`,
		`Choose it from the list, or let its expression give one of: ${choices.join(', ')}.`,
	);
}
