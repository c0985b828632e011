import type { INodeExecutionData } from 'n8n-workflow';

import { document, triggerRun } from '../test/support/jobs.cts';
import { WORKFLOWS } from '../sandbox/workflows.cts';
import { sendEncoded } from './bareRequest.cts';
import { buffered, bufferedNode } from './bufferedNode.cts';
import { startEngineCase } from './engineCase.cts';
import { measure, report } from './measure.cts';

const [way = '', folder = '', url = '', token = '', count = '1'] = process.argv.slice(2);

/** One way to send a document, or many: warmed up with a small one, then measured. */
report(async () => {
	if (way === 'floor') {
		await sendEncoded(`${folder}/small.b64`, url, token);
		return await measure(async () => await sendEncoded(`${folder}/document.b64`, url, token));
	}
	const engine = await startEngineCase(url, token, { buffered: bufferedNode });
	const step =
		way === 'node'
			? triggerRun(WORKFLOWS.digest.id, document('document'))
			: buffered(url, WORKFLOWS.digest.id);
	const small = await engine.store(`${folder}/small.pdf`);
	const items: INodeExecutionData[] = [];
	for (let item = 0; item < Number(count); item++) {
		items.push({ json: {}, binary: { data: await engine.store(`${folder}/document.pdf`) } });
	}
	await engine.run(step, [{ json: {}, binary: { data: small } }]);
	return await measure(async () => await engine.run(step, items));
});
