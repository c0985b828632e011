import { exactVersion, installCore } from './install.cts';
import { runTests } from './jest.cts';
import { SUPPORTED } from './versions.cts';

const v = process.argv[2];
void (async () => {
	const core = await installCore(await exactVersion(v ?? 'latest'));
	const o = runTests(core, ['test/engine']);
	console.log(core.core, core.workflow, o.passed, o.failed.length);
	for (const f of o.failed)
		console.log(
			'-',
			f.name,
			'\n   ',
			f.message
				.split('\n')
				.filter((l) => !/^\s+at .*node_modules/.test(l))
				.slice(0, 12)
				.join('\n    '),
		);
	void SUPPORTED;
})();
