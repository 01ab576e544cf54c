import { createTwoFilesPatch } from 'diff';
import { describeEffect } from '../engine/event.ts';
import type { PlannedResource } from '../engine/run-step.ts';
import { Secret } from '../host/secret.ts';
import { type Plan, titleOf } from '../resources/resource.ts';
import { type Line, resourceLines } from './wording.ts';

/** Every command and every difference of a step's plan; files with secrets are not shown. */
export function detailLines(planned: readonly PlannedResource[]): readonly Line[] {
  return planned.flatMap(({ resource, plan }): readonly Line[] => {
    if (plan.status !== 'change') return resourceLines({ resource, plan });
    const commands = plan.effects.map((effect): Line => ({ text: `     $ ${describeEffect(effect)}`, tone: 'dim' }));
    return [{ text: `     ${titleOf(resource)}: ${plan.summary}`, tone: 'plain' }, ...commands, ...diffLines(plan)];
  });
}

function diffLines(plan: Plan & { status: 'change' }): Line[] {
  const { edit } = plan;
  if (edit === undefined) return [];
  if (edit.after instanceof Secret || edit.before instanceof Secret)
    return [{ text: '     (holds keys: its content is not shown)', tone: 'dim' }];
  const patch = createTwoFilesPatch(edit.path, edit.path, edit.before, edit.after, undefined, undefined, {
    context: 2,
  });
  const body = patch
    .split('\n')
    .slice(3)
    .filter((line) => line !== '');
  return body.map((line) => ({
    text: `       ${line}`,
    tone: line.startsWith('+') ? 'good' : line.startsWith('-') ? 'bad' : 'dim',
  }));
}
