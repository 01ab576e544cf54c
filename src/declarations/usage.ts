import { Option } from '@commander-js/extra-typings';
import { type Declaration, declared, ofLooks } from '../command-line/command.ts';
import { wrongUse } from '../command-line/usage-problems.ts';
import { usualDays } from '../usage/usage.ts';

/** `usage` */
export const usageCommand: Declaration = (begin) =>
  declared('usage', {
    summary: 'requests and tokens by backend, and every failover',
    description:
      'Requests and tokens by backend, launcher and day, and every failover with its cause. Reads the request log only.',
    examples: ['usage', 'usage --days 30', 'usage --days 1 --json'],
    exits: ofLooks,
  })
    .addOption(days())
    .action((options) =>
      begin('own-files', async (program) => await (await import('../commands/usage.ts')).usage(program, options)),
    );

/** `--days` */
export const days = () =>
  new Option('--days <N>', `how many days back (default ${usualDays})`).argParser(wholeDays).default(usualDays);

function wholeDays(typed: string): number {
  if (/^[1-9]\d{0,3}$/.test(typed)) return Number(typed);
  throw wrongUse({
    code: 'option-value-wrong',
    problem: `--days ${typed} is not a number of days`,
    fix: 'a whole number, e.g.  --days 30',
  });
}
