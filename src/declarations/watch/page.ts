import { Option } from '@commander-js/extra-typings';
import { type Declaration, declared, ofLooks } from '../../command-line/command.ts';
import { wrongUse } from '../../command-line/usage-problems.ts';

/** `watch page` */
export const pageCommand: Declaration = (begin) =>
  declared('page', {
    summary: 'the same in a browser, with the last 30 days as plots',
    description:
      'What watch shows and the last 30 days as plots, on a page that this program serves on 127.0.0.1 until Ctrl-C. Prints its address, which nobody can guess, and what to type to open it on your own machine.',
    examples: ['watch page', 'watch page --port 8600', 'watch page --json'],
    exits: ofLooks,
  })
    .addOption(
      new Option('--port <N>', 'a port of your choice, the same each time (default: a free one)').argParser(
        unprivilegedPort,
      ),
    )
    .action((options) =>
      begin(
        'own-files',
        async (program) => await (await import('../../commands/watch/page.ts')).page(program, options),
      ),
    );

function unprivilegedPort(typed: string): number {
  const port = /^[1-9]\d{3,4}$/.test(typed) ? Number(typed) : 0;
  if (port >= 1024 && port <= 65_535) return port;
  throw wrongUse({
    code: 'option-value-wrong',
    problem: `--port ${typed} is not a port from 1024 to 65535`,
    fix: 'for example  --port 8600',
  });
}
