import { Command, Option } from '@commander-js/extra-typings';
import { backendOfId } from '../render/gateway-models.ts';
import { monthFiles, type ReadLog, readRequestLog } from '../services/request-log.ts';
import { type Day, type Usage, usageOf } from '../services/request-usage.ts';
import { shellWord } from '../text/shell-word.ts';
import { type Declaration, examples } from './command-line/command.ts';
import { wrongUse } from './command-line/usage-problems.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Program, Refused } from './program.ts';
import { localDay, type UsagePeriod, usageLines } from './usage-words.ts';

/** `usage` */
export const usageCommand: Declaration = (begin) =>
  new Command('usage')
    .summary('requests and tokens by backend, and every failover')
    .description(
      'Requests and tokens by backend, launcher and day, and every failover with its cause. Reads the request log only.',
    )
    .addOption(
      new Option('--days <N>', `how many days back (default ${usualDays})`).argParser(wholeDays).default(usualDays),
    )
    .addHelpText('after', examples('usage', 'usage --days 30 --json'))
    .action((options) => begin({ touches: 'own-files', run: async (program) => await usage(program, options) }));

function wholeDays(typed: string): number {
  if (/^[1-9]\d{0,3}$/.test(typed)) return Number(typed);
  throw wrongUse({ problem: `--days ${typed} is not a number of days`, fix: 'a whole number, e.g.  --days 30' });
}

const usualDays = 7;
/** Two years; what is older says little about today. */
const mostDays = 731;

/** How often each backend answered and what it cost, from the gateway's request log. Reads files only; the gateway need not run. */
export async function usage(
  program: Program,
  { days }: { readonly days: number },
  now: Date = new Date(),
): Promise<ExitCode> {
  const { host, layout, ui } = program;
  const { found, period } = await readUsage(program, days, now);
  ui.result('usage', { period, ...found }, () => {
    for (const { text, tone } of usageLines(found, period)) ui.say(text, tone);
  });
  if (found.total.requests === 0 && !ui.forPrograms) await hint(host.list(layout.requestLogDir), ui.say);
  return exitCodes.done;
}

/** What the request log says about the last days. */
export async function readUsage(
  program: Program,
  number: number = usualDays,
  now: Date = new Date(),
): Promise<{ readonly found: Usage; readonly period: UsagePeriod }> {
  const { layout } = program;
  await requireLog(program);
  const days = lastDays(now, number);
  const from = days[0]?.from ?? 0;
  const names = monthFiles(from, days.at(-1)?.to ?? from);
  const paths = names.map((name) => `${layout.requestLogDir}/${name}`);
  const logs = await Promise.all(paths.map(async (path) => await readMonth(program, path, from)));
  const found = usageOf(
    logs.flatMap(({ requests }) => requests),
    days,
    backendOfId,
  );
  return { found, period: periodOf(days, logs) };
}

/** The last days up to the end of today, each from midnight to midnight where the program runs. Oldest first. */
export function lastDays(now: Date, number: number): readonly Day[] {
  if (number < 1 || number > mostDays) {
    throw new Refused(exitCodes.usage, {
      problem: `--days ${number} is not between 1 and ${mostDays}`,
      fix: 'for example:  claude-routing-install usage --days 30',
    });
  }
  const midnight = (ago: number): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago);
  return Array.from({ length: number }, (_, index) => {
    const ago = number - 1 - index;
    return { name: localDay(midnight(ago)), from: midnight(ago).getTime(), to: midnight(ago - 1).getTime() };
  });
}

async function requireLog({ host, layout }: Program): Promise<void> {
  if ((await host.stat(layout.requestLogDir)) !== undefined) return;
  throw new Refused(exitCodes.preconditionNotMet, {
    problem: `there is no request log yet: ${layout.requestLogDir} does not exist`,
    fix: 'install, or install again; the gateway keeps the log from then on:  claude-routing-install',
  });
}

async function readMonth({ host }: Program, path: string, from: number): Promise<ReadLog> {
  const text = await host.readFile(path).catch(() => {
    throw new Refused(exitCodes.preconditionNotMet, {
      problem: `${path} cannot be read`,
      fix: `see whose it is:  ls -l ${shellWord(path)}`,
    });
  });
  return readRequestLog(text ?? '', from);
}

function periodOf(days: readonly Day[], logs: readonly ReadLog[]): UsagePeriod {
  const sum = (of: (log: ReadLog) => number): number => logs.reduce((all, log) => all + of(log), 0);
  return {
    days: days.length,
    from: days[0]?.name ?? '',
    to: days.at(-1)?.name ?? '',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    skipped: { broken: sum(({ broken }) => broken), unknown: sum(({ unknown }) => unknown) },
  };
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
