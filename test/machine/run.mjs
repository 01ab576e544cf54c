// `npm run test:machine`: everything that needs root on Debian and boots real machines.
import { run, setUp } from './set-up.mjs';

setUp();
const reporters = ['--reporter=default', '--reporter=./test/machine/seconds-per-file.ts'];
run(process.execPath, [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--project',
  'machine',
  ...reporters,
  ...process.argv.slice(2),
]);
