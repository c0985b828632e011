import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { approveOnEnter, describeSandbox } from '../../sandbox/console.cts';
import { startSandbox } from '../../sandbox/dibby.cts';
import { choosePort } from '../../sandbox/editor/open.cts';
import { WORKFLOWS } from '../../sandbox/workflows.cts';
import { until } from '../support/patience.cts';

test('a port that is taken is reported, and the usual port is replaced by the next free one', async () => {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, resolve));
	const { port } = server.address() as AddressInfo;
	await expect(choosePort(String(port), 1)).rejects.toThrow(`Port ${port} is taken.`);
	expect(await choosePort(undefined, port)).toBeGreaterThan(port);
	server.close();
});

describe('the sandbox of npm start', () => {
	test('prints its URL, its token, and the workflows with their inputs', async () => {
		const sandbox = await startSandbox();
		const text = describeSandbox(sandbox);
		await sandbox.close();
		const { name, url } = WORKFLOWS.invoice;
		for (const part of [sandbox.url, sandbox.token, `${name}: document (document)`, url]) {
			expect(text).toContain(part);
		}
	});

	test('approves the run that waits for a person when Enter is pressed', async () => {
		const sandbox = await startSandbox({ stepMs: 1 });
		const input = new PassThrough();
		const log = jest.spyOn(console, 'log').mockReturnValue();
		approveOnEnter(sandbox, input);
		const headers = { authorization: `Bearer ${sandbox.token}` };
		const inputs = { document: 'data:a/b;base64,AAAA' };
		const body = JSON.stringify({ workflowId: WORKFLOWS.approval.id, inputs });
		await fetch(`${sandbox.url}/runs`, { method: 'POST', headers, body });
		const [id] = await until(() => sandbox.waiting().length > 0 && sandbox.waiting());
		input.write('\n');
		await until(() => sandbox.waiting().length === 0);
		expect(log).toHaveBeenCalledWith(`Run ${id} is approved.`);
		log.mockRestore();
		input.end();
		await sandbox.close();
	});
});
