import { expect, it } from 'vitest';
import { lookAtSpending } from '../../../../src/components/gateway/spending.ts';

const now = new Date(2026, 10, 30, 14);
const line = (daysAgo: number, dayPercent: number | null, monthPercent: number | null): string =>
  JSON.stringify({ v: 1, at: new Date(2026, 10, 30 - daysAgo, 13).toISOString(), dayPercent, monthPercent });
const begun = JSON.stringify({ v: 1, at: now.toISOString(), held: 'a', most: 3 });

function look(spending: { perDay?: number; perMonth?: number }, lines: readonly string[], names = ['2026-11.jsonl']) {
  const probe = {
    list: async () => ['2026-10.jsonl', ...names, 'notes.txt'],
    query: async ({ args = [] }: { readonly args?: readonly string[] }) => {
      expect(args.at(-1)).toBe(`/requests/${names.at(-1) ?? '2026-10.jsonl'}`);
      return { exitCode: 0, stdout: lines.join('\n'), stderr: '' };
    },
  };
  return lookAtSpending(probe as never, { requestLogDir: '/requests' }, { ...spending, atCeiling: 'local' }, now);
}

it.each([
  ['the last line', { perDay: 5, perMonth: 50 }, [line(0, 1, 1), line(0, 83, 20), begun, 'half a li'], 83, 20],
  ['one of yesterday', { perDay: 5, perMonth: 50 }, [line(1, 83, 20)], 0, 20],
  ['one of last month', { perDay: 5, perMonth: 50 }, [line(31, 83, 20)], 0, 0],
  ['one of tomorrow, before a clock was put back', { perDay: 5, perMonth: 50 }, [line(-1, 83, 20)], 83, 20],
  ['a line from before there was a ceiling', { perMonth: 50 }, ['{"v":1}'], null, 0],
  ['nothing', { perDay: 5 }, [], 0, null],
])('tells how much of a ceiling is spent by %s', async (_, spending, lines, dayPercent, monthPercent) => {
  expect(await look(spending, lines)).toMatchObject({ atCeiling: 'local', dayPercent, monthPercent });
});

it('tells nothing without a ceiling', async () => {
  expect(await look({}, [line(0, 83, 20)])).toBeNull();
});
