/** Something the person at the keyboard can mend: printed as it is, without a stack. */
export class UserError extends Error {
	override name = 'UserError';
}

/** What to print for an error that ends a command: a sentence alone, anything unexpected with its stack. */
export function printable(error: unknown): string {
	if (error instanceof UserError) return error.message;
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Whether an error is the system's of that code. Without `instanceof`: jest has its own Error class. */
export function hasCode(error: unknown, code: string): boolean {
	return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
