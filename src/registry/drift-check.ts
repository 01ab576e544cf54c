import { byHand, type Check, type CheckFinding, fixable } from '../checks/check.ts';
import type { Evidence } from '../checks/finding.ts';
import { DRIFT } from '../checks/run-checks.ts';
import type { InstallerStep } from '../context.ts';
import { compareOne } from '../engine/comparison.ts';
import type { DriftState } from '../engine/drift.ts';
import { type PlannedResource, planStep } from '../engine/run-step.ts';
import type { Resource } from '../resources/resource.ts';
import { steps } from './steps.ts';

/** Whatever is not as the answers want it and no other look explains; what it would do is what `plan` shows. */
export const drift: Check = {
  id: DRIFT,
  about: 'everything else is as your answers want it',
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

/** What a resource that is not fulfilled means. One that waits for another is told by that other one; one that is as it was written is no fault. */
export function driftOf(
  { id, title }: Pick<InstallerStep, 'id' | 'title'>,
  { resource, plan }: PlannedResource,
  state: DriftState,
): readonly CheckFinding[] {
  if (plan.status === 'ok' || plan.status === 'later') return [];
  const about = { symptom: `${title}: ${resource.title} is not as your answers want it`, explains: [resource.id] };
  if (plan.status === 'blocked') {
    const words = { ...about, code: plan.code, problem: plan.problem, evidence: evidenceOf(resource, id) };
    return [byHand(DRIFT, words, plan.fix)];
  }
  const evidence = evidenceOf(resource, id);
  if (state === 'wanted-otherwise') {
    const problem = `it is as it was written; your answers or this program have changed since, and it would ${plan.summary}`;
    return [fixable(DRIFT, { ...about, code: 'answers-changed', problem, evidence, severity: 'note' }, [resource])];
  }
  return [
    fixable(DRIFT, { ...about, code: 'not-as-wanted', problem: `it would ${plan.summary}`, evidence }, [resource]),
  ];
}

function evidenceOf(resource: Resource, step: string): readonly Evidence[] {
  const text = `see more with  claude-routing-install plan --verbose --only ${step}`;
  return [resource.kind === 'file' ? { path: resource.path, text } : { text }];
}
