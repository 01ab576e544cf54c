import type { InstallerStep } from '../../context.ts';
import { type PlannedResource, planStep } from '../../engine/run-step.ts';
import type { Resource } from '../../resources/resource.ts';
import { steps } from '../../steps/index.ts';
import { type Ailment, byHand, type Found, mended } from '../ailment.ts';
import { DRIFT } from '../diagnose.ts';
import type { Evidence } from '../diagnosis.ts';

/** Whatever is not as the answers want it and no other look explains; what it would do is what `plan` shows. */
export const drift: Ailment = {
  id: DRIFT,
  about: 'everything else is as your answers want it',
  on: 'installation',
  look: async ({ probe, installed }) => {
    const needed = steps.filter(({ notNeeded }) => notNeeded?.(installed) === undefined);
    const planned = await Promise.all(
      needed.map(async (step) => (await planStep(step, installed, probe)).flatMap((one) => driftOf(step, one))),
    );
    return planned.flat();
  },
};

/** What a wish that is not fulfilled means. One that waits for another is told by that other one. */
export function driftOf(
  { id, title }: Pick<InstallerStep, 'id' | 'title'>,
  { resource, plan }: PlannedResource,
): readonly Found[] {
  if (plan.status === 'ok' || plan.status === 'later') return [];
  const about = { symptom: `${title}: ${resource.title} is not as your answers want it`, explains: [resource.title] };
  if (plan.status === 'blocked') {
    const words = { ...about, problem: plan.problem, evidence: evidenceOf(resource, id) };
    return [byHand(DRIFT, words, plan.fix)];
  }
  const words = { ...about, problem: `it would ${plan.summary}`, evidence: evidenceOf(resource, id) };
  return [mended(DRIFT, words, [resource])];
}

function evidenceOf(resource: Resource, step: string): readonly Evidence[] {
  const text = `claude-routing-install plan --only ${step}`;
  return [resource.kind === 'file' ? { path: resource.path, text } : { text }];
}
