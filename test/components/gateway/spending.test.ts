import { expect, it } from 'vitest';
import { lookAtSpending, reached, timeZoneRule } from '../../../src/components/gateway/spending.ts';

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

const facts = { perDay: 5, perMonth: 50, atCeiling: 'refuse', dayPercent: 100, monthPercent: 99 } as const;

it.each([
  ['the day’s', facts, 'no cloud is asked any more this day: they are refused', 'spending.perDay='],
  ['both: the month’s counts', { ...facts, monthPercent: 120 }, 'any more this month', 'spending.perMonth='],
  ['with a stand-in', { ...facts, atCeiling: 'local' }, 'the local model answers in their place', 'spending.perDay='],
] as const)('a ceiling that is reached is a note: %s', (_what, spent, symptom, fix) => {
  expect(reached(spent, '/requests')).toEqual([
    expect.objectContaining({
      code: 'ceiling-reached',
      severity: 'note',
      symptom: expect.stringContaining(symptom),
      fix: expect.stringContaining(fix),
    }),
  ]);
});

it.each([
  ['nearly', { ...facts, dayPercent: 99 }],
  ['of which there is none', { ...facts, perDay: null, dayPercent: null }],
])('and no word is lost on one that is not: %s', (_what, spent) => {
  expect(reached(spent, '/requests')).toEqual([]);
});

const zoneFile = (rule: string): string => `TZif2\0\0\ufffd\ufffd\nLMT\0CET\0CEST\0\n${rule}\n`;

it.each([
  ['its file', '/etc/localtime', zoneFile('CET-1CEST,M3.5.0,M10.5.0/3'), undefined, 'CET-1CEST,M3.5.0,M10.5.0/3'],
  ['a zone without a name', '/etc/localtime', zoneFile('<+0330>-3:30'), undefined, '<+0330>-3:30'],
  ['the one that is wanted', '/usr/share/zoneinfo/Asia/Tokyo', zoneFile('JST-9'), 'Asia/Tokyo', 'JST-9'],
  ['no such file', '/nowhere', zoneFile('JST-9'), undefined, 'UTC0'],
  ['an old file without a rule', '/etc/localtime', zoneFile(''), undefined, 'UTC0'],
  ['something else', '/etc/localtime', 'JST-9\n', undefined, 'UTC0'],
  ['a rule with more in it', '/etc/localtime', zoneFile('JST-9 $(x)'), undefined, 'UTC0'],
])('a day begins by %s', async (_, path, text, wanted, rule) => {
  const readFile = async (asked: string) => (asked === path ? text : undefined);
  expect(await timeZoneRule({ readFile }, wanted)).toBe(rule);
});

it('a day begins as in UTC where the file cannot be read', async () => {
  const readFile = () => Promise.reject(new Error('EACCES'));
  expect(await timeZoneRule({ readFile }, undefined)).toBe('UTC0');
});
