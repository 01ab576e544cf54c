import { type Declaration, declared, ofLooks } from '../../command-line/command.ts';
import { pageCommand } from './page.ts';

/** `watch`, and what stands below it. */
export const watchCommand: Declaration = (begin) =>
  declared('watch', {
    summary: 'requests as they finish, the gateway’s state, and what today has cost',
    description:
      'Requests as they finish: who answered, how long it took, tokens and dollars, and why somebody else answered. A live screen on a terminal, one line per request elsewhere. Reads the request log, and asks the gateway whether it is up.',
    examples: ['watch', 'watch --once', 'watch --json'],
    exits: ofLooks,
  })
    .option('--once', 'show it once, and end')
    .usage('[options]')
    .addCommand(pageCommand(begin))
    .action((options) =>
      begin(
        'own-files',
        async (program) => await (await import('../../commands/watch/watch.ts')).watch(program, options),
      ),
    );
