import { expect, it } from 'vitest';
import { reached } from '../../../../src/components/gateway/spending.ts';

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
