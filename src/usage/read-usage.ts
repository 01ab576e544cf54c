import { backendOfId } from '../components/gateway/models.ts';
import { type LoggedRequest, monthFiles, RequestReader, type Skipped } from '../components/gateway/request-log.ts';
import { exitCodes } from '../session/exit-codes.ts';
import { type Program, Refused } from '../session/program.ts';
import { shellWord } from '../shell/word.ts';
import { localDay } from '../text/local-time.ts';
import { UsageTally } from './request-usage.ts';
import { type Day, type Usage, usualDays } from './usage.ts';
import type { UsagePeriod } from './words.ts';

/** Two years; what is older says little about today. */
const mostDays = 731;

/** What the request log says about the last days. */
export async function readUsage(
  program: Program,
  number: number = usualDays,
  now: Date = new Date(),
): Promise<{ readonly found: Usage; readonly period: UsagePeriod }> {
  const tally = new UsageTally(lastDays(now, number), backendOfId);
  const period = await readDays(program, number, now, (request) => tally.add(request));
  return { found: tally.usage(), period };
}

/** Hands over each request that ended in the last days. */
export async function readDays(
  program: Program,
  number: number,
  now: Date,
  each: (request: LoggedRequest) => void,
): Promise<UsagePeriod> {
  const { layout } = program;
  await requireLog(program);
  const days = lastDays(now, number);
  const [from, to] = [days[0]?.from ?? 0, days.at(-1)?.to ?? 0];
  const reader = new RequestReader(from, (request) => {
    if (request.at < to) each(request);
  });
  for (const name of monthFiles(from, to)) await readMonth(program, `${layout.requestLogDir}/${name}`, reader);
  return periodOf(days, reader.skipped);
}

/** The last days up to the end of today, each from midnight to midnight where the program runs. Oldest first. */
export function lastDays(now: Date, number: number): readonly Day[] {
  if (number < 1 || number > mostDays) {
    throw new Refused(exitCodes.usage, {
      code: 'option-value-wrong',
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

/** Refuses a command that reads the request log where there is none. */
export async function requireLog({ host, layout }: Program): Promise<void> {
  if ((await host.stat(layout.requestLogDir)) !== undefined) return;
  throw new Refused(exitCodes.preconditionNotMet, {
    code: 'request-log-missing',
    problem: `there is no request log yet: ${layout.requestLogDir} does not exist`,
    fix: 'install, or install again; the gateway keeps the log from then on:  claude-routing-install',
  });
}

async function readMonth({ host }: Program, month: string, reader: RequestReader): Promise<void> {
  const read = host.readLines(month, (line) => reader.take(line));
  await read.catch((error: NodeJS.ErrnoException) => {
    const path = error.path?.endsWith('.gz') ? `${month}.gz` : month;
    throw new Refused(exitCodes.preconditionNotMet, {
      code: 'file-unreadable',
      problem: `${path} cannot be read`,
      fix: path.endsWith('.gz')
        ? `see whose it is and whether it is whole:  ls -l ${shellWord(path)} && gzip -t ${shellWord(path)}`
        : `see whose it is:  ls -l ${shellWord(path)}`,
    });
  });
}

function periodOf(days: readonly Day[], skipped: Skipped): UsagePeriod {
  return {
    days: days.length,
    from: days[0]?.name ?? '',
    to: days.at(-1)?.name ?? '',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    skipped,
  };
}
