import type { Answers } from '../config/schema.ts';
import type { DrillCase } from './drill-case.ts';
import { isCopy, localIds } from './fault.ts';
import { faultCases } from './fault-cases.ts';
import { runningCases } from './running-cases.ts';

/** Everything that is tried, in order: first what works, through the running gateway, then the faults in a throw-away one. */
export function drillPlan(answers: Answers): readonly DrillCase[] {
  return [...runningCases(answers), ...faultCases(answers)];
}

/** How many requests of a plan a cloud is meant to answer. */
export function cloudRequests(plan: readonly DrillCase[], answers: Answers): number {
  const local = localIds(answers);
  const staysHere = (by: string): boolean => local.includes(by) || isCopy(by);
  return plan.filter(
    ({ promised }) =>
      (promised.kind === 'failover' && !staysHere(promised.to)) ||
      (promised.kind === 'answer' && !staysHere(promised.by)),
  ).length;
}

/** How many requests of a plan no cloud is meant to answer, including those that are sent alongside others. */
export function otherRequests(plan: readonly DrillCase[], answers: Answers): number {
  const sent = plan.reduce((sum, { beside = [] }) => sum + 1 + beside.length, 0);
  return sent - cloudRequests(plan, answers);
}
