import { startSandbox } from '../sandbox/dibby.cts';

startSandbox({ stepMs: 1 }).then(
	({ url, token }) => process.send?.({ url, token }),
	() => process.exit(1),
);
process.on('disconnect', () => process.exit(0));
