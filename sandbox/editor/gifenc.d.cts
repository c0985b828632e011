/** The part of gifenc that is used here. The package has no types of its own. */
declare module 'gifenc' {
	type Palette = number[][];
	type FrameOptions = { palette: Palette; delay: number };
	export function quantize(rgba: Uint8Array, maxColors: number): Palette;
	export function applyPalette(rgba: Uint8Array, palette: Palette): Uint8Array;
	export function GIFEncoder(): {
		writeFrame(pixels: Uint8Array, width: number, height: number, options: FrameOptions): void;
		finish(): void;
		bytes(): Uint8Array;
	};
}
