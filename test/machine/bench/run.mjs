// `npm run bench:machine`. See run.ts.
import { run, setUp } from '../set-up.mjs';

setUp();
run(process.execPath, ['test/run-script.mjs', 'test/machine/bench/run.ts', ...process.argv.slice(2)]);
