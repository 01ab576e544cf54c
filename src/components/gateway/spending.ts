import * as z from 'zod';
import type { Check, CheckFinding } from '../../checks/check.ts';
import type { Answers } from '../../config/schema.ts';
import type { Probe } from '../../host/host.ts';
import { readBody } from '../../http/reply-body.ts';
import type { Layout } from '../../layout.ts';
import { lastLine } from '../../text/said.ts';

/** The ceilings, in US dollars, and how much of each is spent, in percent; null where there is none. */
export interface SpendingFacts {
  readonly perDay: number | null;
  readonly perMonth: number | null;
  readonly atCeiling: 'refuse' | 'local';
  readonly dayPercent: number | null;
  readonly monthPercent: number | null;
}

/** How much of the ceilings is spent, as the gateway itself said last; null without a ceiling. `now` says which day and month it is. */
export async function lookAtSpending(
  probe: Pick<Probe, 'list' | 'query'>,
  { requestLogDir }: Pick<Layout, 'requestLogDir'>,
  { perDay, perMonth, atCeiling }: Answers['spending'],
  now: Date,
): Promise<SpendingFacts | null> {
  if (perDay === undefined && perMonth === undefined) return null;
  const newest = (await probe.list(requestLogDir))
    .filter((name) => /^\d{4}-\d\d\.jsonl$/.test(name))
    .sort()
    .at(-1);
  const end = { file: 'tail', args: ['-n', '50', '--', `${requestLogDir}/${newest}`] };
  const last = newest === undefined ? undefined : lastSpentShare((await probe.query(end)).stdout);
  const isMonth = last !== undefined && monthOf(last.at) >= monthOf(now);
  const isDay = isMonth && (monthOf(last.at) > monthOf(now) || last.at.getDate() >= now.getDate());
  return {
    perDay: perDay ?? null,
    perMonth: perMonth ?? null,
    atCeiling,
    dayPercent: perDay === undefined ? null : isDay ? (last.dayPercent ?? 0) : 0,
    monthPercent: perMonth === undefined ? null : isMonth ? (last.monthPercent ?? 0) : 0,
  };
}

function monthOf(date: Date): number {
  return date.getFullYear() * 12 + date.getMonth();
}

const share = z.object({
  at: z.string().transform((text) => new Date(text)),
  dayPercent: z.number().nullable(),
  monthPercent: z.number().nullable(),
});

/** How much of the ceilings was spent when a request ended; null where there is no such ceiling. */
export type SpentShare = Readonly<z.infer<typeof share>>;

/** What the last line of the request log that tells it says; undefined if none does. */
function lastSpentShare(text: string): SpentShare | undefined {
  const lines = text.split('\n').filter((line) => line.includes('"dayPercent":'));
  return lines.flatMap((line) => readBody(share, line) ?? []).at(-1);
}

/** Reaching a ceiling is what the person wanted, and yet the first thing to know when no cloud answers. */
export const ceiling: Check = {
  id: 'ceiling',
  about: 'spending is below its ceiling',
  on: 'installation',
  look: async ({ probe, installed, layout, now }) => {
    const facts = await lookAtSpending(probe, layout, installed.answers.spending, new Date(now));
    return facts === null ? [] : reached(facts, layout.requestLogDir);
  },
};

/** The month's ceiling comes first: a new day does not lift it. */
export function reached(facts: SpendingFacts, path: string): readonly CheckFinding[] {
  const periods = [
    { period: 'month', key: 'perMonth', most: facts.perMonth, percent: facts.monthPercent },
    { period: 'day', key: 'perDay', most: facts.perDay, percent: facts.dayPercent },
  ] as const;
  const [met] = periods.filter(({ most, percent }) => most !== null && (percent ?? 0) >= 100);
  if (met === undefined) return [];
  const { period, key, most, percent } = met;
  const instead = facts.atCeiling === 'local' ? 'the local model answers in their place' : 'they are refused';
  return [
    {
      code: 'ceiling-reached',
      symptom: `no cloud is asked any more this ${period}: ${instead}`,
      problem: `the ceiling of $${(most ?? 0).toFixed(2)} a ${period} is reached`,
      evidence: [{ path, text: `${percent} % is spent;  claude-routing-install usage  says on what` }],
      severity: 'note',
      fix: `wait for the next ${period}, or raise it:  claude-routing-install --set spending.${key}=DOLLARS`,
    },
  ];
}

/** What a POSIX rule is made of: `CET-1CEST,M3.5.0,M10.5.0/3`, `<+0330>-3:30`. */
const rule = /^[A-Za-z0-9<>+\-,./:]{3,100}$/;

/**
 * The time zone of this machine, or the one that is wanted for it, as a POSIX rule: what the gateway needs to know when a day begins,
 * since its container has no list of zones. UTC if it cannot be found out. Source: RFC 8536, the footer of a zone's file.
 */
export async function timeZoneRule(probe: Pick<Probe, 'readFile'>, wanted: string | undefined): Promise<string> {
  const path = wanted === undefined ? '/etc/localtime' : `/usr/share/zoneinfo/${wanted}`;
  const text = await probe.readFile(path).catch(() => undefined);
  const found = lastLine(text ?? '');
  return text?.startsWith('TZif') === true && rule.test(found) ? found : 'UTC0';
}
