import * as z from 'zod';
import type { Answers } from '../../../config/schema.ts';
import type { Probe } from '../../../host/host.ts';
import { readBody } from '../../../http/reply-body.ts';
import type { Layout } from '../../../layout.ts';

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

/** What the last line of the request log says that tells it; undefined where none does. */
function lastSpentShare(text: string): SpentShare | undefined {
  const lines = text.split('\n').filter((line) => line.includes('"dayPercent":'));
  return lines.flatMap((line) => readBody(share, line) ?? []).at(-1);
}
