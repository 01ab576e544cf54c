import { defineConfig } from 'vitest/config';
import { folderTexts } from './raw-text.mjs';
import { reworded } from './test/decisions/reworded.ts';
import { FileOrder } from './test/machine/file-order.ts';
import { engineIsCached } from './test/templates/engine.ts';

/** What repeats a promise in another way than the gate does: `npm run test:machine:all`. */
const everything = process.env['MACHINE_TESTS'] === 'all';

/** What needs an engine that takes ten minutes to build is tried where it is built already, and said to be left out where not. */
const needsEngine = engineIsCached() ? [] : ['test/templates/*.machine.test.ts'];
if (needsEngine.length > 0 && process.argv.includes('machine'))
  process.stderr.write(
    'Left out: test/templates, because the engine is not built. To build it:  npm run test:templates\n',
  );

/** The whole program, run again and again as a person runs it: four fifths of the time of all tests that need no machine. */
const wholeRuns = ['test/end-to-end/**/*.test.ts', 'test/matrix/**/*.test.ts'];
const machine = ['test/**/*.machine.test.ts', 'test/**/*.machine-more.test.ts'];

const light = {
  // A style is a text like any other to the program that holds it.
  css: true,
  // No test changes what another one sees: a file more costs its own imports and no world of its own.
  isolate: false,
  testTimeout: 180_000,
  hookTimeout: 180_000,
};

/** For each project one of its own: vitest takes what is in it out. */
const defined = () => ({ PROGRAM_VERSION: JSON.stringify('0.0.0-test') });

/**
 * `unit` and `runs` run anywhere; `machine` needs root on Debian and boots real machines, two files at a time: most of such a
 * test is waiting, and what they share on this host they take turns at (test/machine/lab/cache.ts). How fast something is, no
 * test judges; the timeouts are against one that never ends.
 */
export default defineConfig({
  test: {
    maxWorkers: '100%',
    sequence: { sequencer: FileOrder },
    projects: [
      {
        define: defined(),
        plugins: [folderTexts, reworded],
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...wholeRuns, ...machine], ...light },
      },
      {
        define: defined(),
        plugins: [folderTexts, reworded],
        test: { name: 'runs', include: wholeRuns, exclude: machine, ...light },
      },
      {
        define: defined(),
        plugins: [folderTexts],
        test: {
          name: 'machine',
          include: ['test/**/*.machine.test.ts', ...(everything ? ['test/**/*.machine-more.test.ts'] : [])],
          exclude: needsEngine,
          testTimeout: 900_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
