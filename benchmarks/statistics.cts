import type { Measured, Outcome } from './measure.cts';

/** The middle one of some numbers; NaN of none. */
export function median(values: number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const half = (sorted.length - 1) / 2;
	return ((sorted[Math.floor(half)] ?? NaN) + (sorted[Math.ceil(half)] ?? NaN)) / 2;
}

/** Median with lowest and highest behind it, e.g. `1.02 (0.98–1.10)`. */
export function withSpread(values: number[], digits = 2): string {
	if (values.length === 0) return '–';
	const middle = median(values).toFixed(digits);
	if (values.length === 1) return `${middle} (once)`;
	return `${middle} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
}

type Numbers<Figures> = { [Name in keyof Figures]: number };

/** One figure of all outcomes that came to something. */
export function figures<Figures extends Numbers<Figures> = Measured>(
	outcomes: Array<Outcome<Figures>> = [],
	name: keyof Figures,
): number[] {
	return outcomes.flatMap((outcome) => ('failed' in outcome ? [] : [outcome[name]]));
}

/** Ratios of what was measured next to each other; a pair of which one failed is left out. */
export function ratios<Figures extends Numbers<Figures> & { seconds: number } = Measured>(
	above: Array<Outcome<Figures>> = [],
	below: Array<Outcome<Figures>> = [],
	name: keyof Figures = 'seconds',
): number[] {
	return above.flatMap((outcome, index) => {
		const other = below[index];
		const isPair = other !== undefined && !('failed' in outcome) && !('failed' in other);
		return isPair ? [outcome[name] / other[name]] : [];
	});
}

/** A cell of a table: the figure with its spread, or why there is none. */
export function cell<Figures extends Numbers<Figures> = Measured>(
	outcomes: Array<Outcome<Figures>> = [],
	name: keyof Figures,
	digits = 2,
): string {
	const values = figures(outcomes, name);
	if (values.length > 0) return withSpread(values, digits);
	const [first] = outcomes;
	return first !== undefined && 'failed' in first ? `fails: ${first.failed}` : 'not tried';
}
