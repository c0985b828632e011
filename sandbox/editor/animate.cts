import { applyPalette, GIFEncoder, quantize } from 'gifenc';
import { PNG } from 'pngjs';

/** How long each picture is shown; the last one is the result. */
const FRAME_MS = 1_500;
const LAST_FRAME_MS = 4_000;

/** Turns pictures of the same size (PNG) into an animated one (GIF), which repeats forever. */
export function animate(frames: Buffer[]): Uint8Array {
	const gif = GIFEncoder();
	frames.forEach((frame, index) => {
		const { data, width, height } = PNG.sync.read(frame);
		const palette = quantize(data, 256);
		const delay = index < frames.length - 1 ? FRAME_MS : LAST_FRAME_MS;
		gif.writeFrame(applyPalette(data, palette), width, height, { palette, delay });
	});
	gif.finish();
	return gif.bytes();
}
