import { startSandbox } from '../../sandbox/dibby.cts';
import type { Sandbox, SandboxOptions } from '../../sandbox/dibby.cts';
import { startEngine } from './engine.cts';
import type { Engine, EngineOptions } from './engine.cts';
import { simulateClock } from './clock.cts';
import type { SimulatedClock } from './clock.cts';
import { storage } from './n8n.cts';

/** What every engine test works with: n8n's engine, a local Dibby, and a clock that needs no waiting. */
export type Suite = { engine: Engine; sandbox: Sandbox; clock: SimulatedClock };

/** A token that is easy to find where it must not be. */
export const TOKEN = 'tok-0f9a7c55-never-show-me';

/**
 * Sets up a suite's parts before each test and takes them down after it.
 * The sandbox moves a run on with every poll, so that tests depend on no time.
 */
export function useSuite(
	sandboxOptions: Partial<SandboxOptions> = {},
	engineOptions: Partial<EngineOptions> = {},
): Suite {
	const suite = {} as Suite;
	beforeEach(async () => {
		suite.sandbox = await startSandbox({ token: TOKEN, advance: 'poll', ...sandboxOptions });
		const baseUrl = suite.sandbox.url;
		suite.engine = await startEngine({ token: TOKEN, baseUrl, ...engineOptions });
		suite.clock = simulateClock();
	});
	afterEach(async () => {
		suite.clock.restore();
		// The class has the methods; a test may have put others before them.
		for (const name of ['getAsStream', 'store']) Reflect.deleteProperty(storage, name);
		await suite.sandbox.close();
	});
	return suite;
}
