import { defineConfig } from 'vitest/config';

const define = { PROGRAM_VERSION: JSON.stringify('0.0.0-test') };

/** `unit` runs anywhere; `machine` needs root on Debian and boots real machines, one after another. */
export default defineConfig({
  test: {
    maxWorkers: '100%',
    projects: [
      {
        define,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.machine.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        define,
        test: {
          name: 'machine',
          include: ['test/**/*.machine.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
