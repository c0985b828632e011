import { echo } from '../support/jobs.cts';
import { useSuite } from '../support/suite.cts';

// Timeout under Request Options is n8n's own, and n8n checks nothing of it.
const suite = useSuite();

test.each([
	-1,
	0,
	2 ** 31,
	9_999_999_999,
	'={{ "abc" }}',
	'={{ -5 }}',
	'={{ null }}',
	'={{ "60000" }}',
])('a Timeout of %s lets a request that is answered come through', async (timeout) => {
	const requestOptions = { timeout };
	const { error } = await suite.engine.run(echo({ requestOptions }));
	expect(error).toBeUndefined();
	expect(suite.sandbox.runs.size).toBe(1);
});
