import { open, runCommand } from './open.cts';

// `npm start`: runs until Ctrl-C.
runCommand(async () => await open());
