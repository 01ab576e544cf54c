import * as z from 'zod';

const share = z.object({
  at: z.string().transform((text) => new Date(text)),
  dayPercent: z.number().nullable(),
  monthPercent: z.number().nullable(),
});

/** How much of the ceilings was spent when a request ended; null where there is no such ceiling. */
export type SpentShare = Readonly<z.infer<typeof share>>;

/** What the last line of the request log says that tells it; undefined where none does. */
export function lastSpentShare(text: string): SpentShare | undefined {
  const lines = text.split('\n').filter((line) => line.includes('"dayPercent":'));
  return lines.flatMap((line) => share.safeParse(parsed(line)).data ?? []).at(-1);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
