/** An error that the developer can fix, printed without its stack. */
export class UserError extends Error {
	override name = 'UserError';
}

/** Whether an error is a system error with that code. Not `instanceof`: jest has its own Error class. */
export function hasCode(error: unknown, code: string): boolean {
	return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
