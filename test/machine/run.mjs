// `npm run test:machine`: everything that needs root on Debian and boots real machines.
import { run, setUp } from './set-up.mjs';

setUp();
run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'machine', ...process.argv.slice(2)]);
