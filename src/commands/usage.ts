import { Option } from '@commander-js/extra-typings';
import { type Declaration, declared, ofLooks } from '../command-line/command.ts';
import { wrongUse } from '../command-line/usage-problems.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import type { Program } from '../session/program.ts';
import { sayLines } from '../ui/wording.ts';
import { readUsage, usualDays } from '../usage/read-usage.ts';
import { usageLines } from '../usage/words.ts';

/** `usage` */
export const usageCommand: Declaration = (begin) =>
  declared('usage', {
    summary: 'requests and tokens by backend, and every failover',
    description:
      'Requests and tokens by backend, launcher and day, and every failover with its cause. Reads the request log only.',
    examples: ['usage', 'usage --days 30', 'usage --days 1 --json'],
    exits: ofLooks,
  })
    .addOption(
      new Option('--days <N>', `how many days back (default ${usualDays})`).argParser(wholeDays).default(usualDays),
    )
    .action((options) => begin({ touches: 'own-files', run: async (program) => await usage(program, options) }));

function wholeDays(typed: string): number {
  if (/^[1-9]\d{0,3}$/.test(typed)) return Number(typed);
  throw wrongUse({
    code: 'option-value-wrong',
    problem: `--days ${typed} is not a number of days`,
    fix: 'a whole number, e.g.  --days 30',
  });
}

/** How often each backend answered and what it cost, from the gateway's request log. Reads files only; the gateway need not run. */
export async function usage(
  program: Program,
  { days }: { readonly days: number },
  now: Date = new Date(),
): Promise<ExitCode> {
  const { host, layout, ui } = program;
  const { found, period } = await readUsage(program, days, now);
  ui.result('usage', { period, ...found }, () => {
    sayLines(ui, usageLines(found, period));
  });
  if (found.total.requests === 0 && !ui.forPrograms) await hint(host.list(layout.requestLogDir), ui.say);
  return exitCodes.done;
}

/** What to do when nothing was found: whether there is anything older, or nothing at all. */
async function hint(names: Promise<readonly string[]>, say: (text: string) => void): Promise<void> {
  const oldest = (await names).filter((name) => /^\d{4}-\d\d\.jsonl$/.test(name)).sort()[0];
  say(
    oldest === undefined
      ? 'The log is empty. It grows with each request of:  claude-routed, claude-local, claude-offline'
      : `The log begins in ${oldest.slice(0, 7)}. Look further back:  claude-routing-install usage --days 60`,
  );
}
