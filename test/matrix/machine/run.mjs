// `npm run test:matrix:machine`: faults at events of an installation on a real machine, plug pulled included.
import { run, setUp } from '../../machine/set-up.mjs';

setUp();
run(process.execPath, ['test/run-script.mjs', 'test/matrix/machine/main.ts', ...process.argv.slice(2)]);
