import type { Check, CheckFinding } from '../../../checks/check.ts';
import { lookAtSpending, type SpendingFacts } from './facts.ts';

/** A ceiling that is reached is as the person wanted it, and yet the first thing to know when no cloud answers. */
export const ceiling: Check = {
  id: 'ceiling',
  about: 'spending is below its ceiling',
  on: 'installation',
  look: async ({ probe, installed, layout, now }) => {
    const facts = await lookAtSpending(probe, layout, installed.answers.spending, new Date(now));
    return facts === null ? [] : reached(facts, layout.requestLogDir);
  },
};

/** The month's ceiling is told first: a new day does not help with it. */
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
