import type { Work } from '../command-line/command.ts';
import type { Selection } from '../command-line/usage-problems.ts';

/** The work that `install` asks for. */
export function installWork(options: Selection & { readonly dryRun?: boolean }): Work {
  if (options.dryRun === true)
    return {
      touches: 'machine',
      run: async (program) => await (await import('../commands/plan.ts')).plan(program, options),
    };
  return {
    touches: 'machine-later',
    run: async (program) => await (await import('../commands/install.ts')).install(program, options),
  };
}

const noOptions = { only: [], skip: [], set: [], color: true } as const;

/** What is asked for when nothing is typed; the command-line parser would give the same. */
export const nothingTyped = { kind: 'work', options: noOptions, work: installWork(noOptions) } as const;
