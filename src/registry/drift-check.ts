import type { Check, CheckFinding } from '../checks/check.ts';
import { DRIFT } from '../checks/run-checks.ts';
import type { InstallerStep } from '../context.ts';
import { compareOne, type DriftState } from '../engine/drift.ts';
import { type PlannedResource, planStep } from '../engine/run-step.ts';
import { titleOf } from '../resources/resource.ts';
import { steps } from './steps.ts';

/** Whatever is not as the answers want it and no other check explains; what would be done is what `plan` shows. */
export const drift: Check = {
  id: DRIFT,
  about: 'everything else matches your answers',
  on: 'installation',
  look: async ({ probe, installed, history: written }) => {
    const needed = steps.filter(({ notNeeded }) => notNeeded?.(installed) === undefined);
    const looking = { probe, history: await written() };
    const found = needed.map(async (step) => {
      const planned = (await planStep(step, installed, probe)).filter(({ plan }) => plan.status !== 'ok');
      return await Promise.all(
        planned.map(async (one) => driftOf(step, one, (await compareOne(step.id, one.resource, looking)).state)),
      );
    });
    return (await Promise.all(found)).flat(2);
  },
};

/** What a resource that is not in place means. One that waits for another is reported with that one; one that is as written is no fault. */
export function driftOf(
  { id, title }: Pick<InstallerStep, 'id' | 'title'>,
  { resource, plan }: PlannedResource,
  state: DriftState,
): readonly CheckFinding[] {
  if (plan.status === 'ok' || plan.status === 'later') return [];
  const at = resource.kind === 'file' ? { path: resource.path } : {};
  const about = {
    symptom: `${title}: ${titleOf(resource)} does not match your answers`,
    explains: [resource.id],
    evidence: [{ ...at, text: `see more with  claude-routing-install plan --verbose --only ${id}` }],
  };
  if (plan.status === 'blocked') return [{ ...about, code: plan.code, problem: plan.problem, fix: plan.fix }];
  const would = `it would ${plan.summary}`;
  const part = { ...at, text: `${titleOf(resource)}: ${would}` };
  if (state === 'wanted-otherwise') {
    const since = 'your answers or this program have changed since';
    const problem = `it is as it was written; ${since}, and ${would}`;
    const oneOfMany = { step: title, problem: `they are as they were written; ${since}`, part };
    return [{ ...about, code: 'answers-changed', problem, oneOfMany, severity: 'note', fixWith: [resource] }];
  }
  const oneOfMany = { step: title, problem: 'they were changed, are missing or were not written yet', part };
  return [{ ...about, code: 'not-as-wanted', problem: would, oneOfMany, fixWith: [resource] }];
}
