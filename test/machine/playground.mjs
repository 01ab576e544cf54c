// `npm run playground`: the whole installation on a throw-away machine. See playground.ts.
import { run, setUp } from './set-up.mjs';

setUp();
run(process.execPath, ['test/run-script.mjs', 'test/machine/playground.ts', ...process.argv.slice(2)]);
