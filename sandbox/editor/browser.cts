import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, chromium, type Locator, type Page, selectors } from 'playwright-core';
import { aptInstall } from './apt.cts';
import type { RestSession } from './http.cts';
import { UserError } from './userError.cts';

/** n8n's canvas takes 4 to 12 seconds to load, on a machine that has nothing else to do. */
const CANVAS_TIMEOUT_MS = 120_000;

const PLACES = [
	...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/snap/bin/chromium'],
	...['/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'],
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/**
 * The path of a Chromium or Chrome on this machine; on a Debian as root, installs one first.
 * @throws {UserError} there is none
 */
async function findChromium(): Promise<string> {
	const places = [process.env.CHROMIUM_PATH ?? '', ...PLACES];
	const there = () => places.find(existsSync);
	if (there() === undefined) await aptInstall('Chromium', ['chromium']);
	const found = there();
	if (found !== undefined) return found;
	throw new UserError(
		'The tests in the editor need Chromium or Chrome, and none was found. Install one (on Debian: apt-get install chromium), or set CHROMIUM_PATH to its program file.',
	);
}

/** Starts a headless Chromium; close it with `browser.close()`. */
export async function launchBrowser(): Promise<Browser> {
	selectors.setTestIdAttribute('data-test-id');
	return await chromium.launch({
		executablePath: await findChromium(),
		headless: true,
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
	});
}

/** A page that is logged in to n8n, in a context of its own. */
export async function newPage(browser: Browser, session: RestSession): Promise<Page> {
	const context = await browser.newContext({
		viewport: { width: 1440, height: 900 },
		// Pictures of the documentation are sharp on today's screens.
		deviceScaleFactor: 2,
		colorScheme: 'light',
		reducedMotion: 'reduce',
	});
	const [name = '', ...value] = session.cookie.split('=');
	await context.addCookies([{ name, value: value.join('='), url: session.url }]);
	context.setDefaultTimeout(CANVAS_TIMEOUT_MS);
	return await context.newPage();
}

/** Opens a workflow's canvas, and waits until it can be worked with. */
export async function openEditor(page: Page, { url }: RestSession, id: string): Promise<void> {
	await page.goto(`${url}/workflow/${id}`);
	await page.getByTestId('canvas-node').first().waitFor();
}

/** Opens the panel of a node on the canvas. */
export async function openNode(page: Page, name: string): Promise<void> {
	await page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).dblclick();
	await page.getByTestId('ndv').waitFor();
}

/** A part of what is seen, in pixels from the upper left corner. */
export type Crop = Partial<Record<'left' | 'top' | 'width' | 'height', number>>;

/** Saves what a part of the page shows as a PNG, cropped; its folder is made. */
export async function screenshot(part: Locator, file: string, crop: Crop = {}): Promise<void> {
	await mkdir(path.dirname(file), { recursive: true });
	const box = await part.boundingBox();
	if (box === null) throw new Error(`Nothing is to be seen for ${file}`);
	const { left = 0, top = 0, width = box.width - left, height = box.height - top } = crop;
	const clip = { x: box.x + left, y: box.y + top, width, height };
	const options = { path: file, clip, animations: 'disabled', caret: 'hide' } as const;
	await part.page().screenshot(options);
}
