import type { Answers } from '../config/schema.ts';
import type { Context } from '../context.ts';
import type { StepName } from '../engine/event.ts';
import { type PlannedResource, planStep } from '../engine/run-step.ts';
import type { Step } from '../engine/step.ts';
import type { Effect, Probe } from '../host/host.ts';
import { memoized } from '../host/wrapped-probe.ts';
import { type Problem, problemOf } from '../problem.ts';
import { expectedWords } from '../resources/expected-downloads.ts';
import { titleOf } from '../resources/resource.ts';
import { counted } from '../text/counted.ts';
import type { Ui } from '../ui/ui.ts';
import { briefLine, planLines, sayLines, touchesExisting } from '../ui/wording.ts';
import { answersSummary } from '../wizard/summary.ts';
import { tellProblems } from './program.ts';

/** A step and what it would do now. */
export interface StepPreview<Wanted = Context> {
  readonly step: Step<Wanted>;
  readonly name: StepName;
  readonly notNeeded: string | undefined;
  /** A precondition that is not met. */
  readonly stop: Problem | undefined;
  readonly warnings: readonly Problem[];
  readonly planned: readonly PlannedResource[];
}

/** What there is to tell about a step, whatever its context is. */
type Seen = Omit<StepPreview, 'step'>;

/** Looks at all steps at once. Changes nothing; what depends on an earlier step comes out as "later". */
export async function preview<Wanted>(
  chosen: readonly Step<Wanted>[],
  context: Wanted,
  probe: Probe,
): Promise<readonly StepPreview<Wanted>[]> {
  const once = memoized(probe);
  return await Promise.all(
    chosen.map(async (step, index) => await lookAt(step, nameOf(step, index, chosen.length), context, once)),
  );
}

export function nameOf({ id, title }: Pick<StepName, 'id' | 'title'>, index: number, of: number): StepName {
  return { id, title, number: index + 1, of };
}

async function lookAt<Wanted>(
  step: Step<Wanted>,
  name: StepName,
  context: Wanted,
  probe: Probe,
): Promise<StepPreview<Wanted>> {
  const notNeeded = step.notNeeded?.(context);
  if (notNeeded !== undefined) return { step, name, notNeeded, stop: undefined, warnings: [], planned: [] };
  const [findings, planned] = await Promise.all([
    Promise.all((step.requires ?? []).map(async (check) => await check.run(probe, context))),
    planStep(step, context, probe),
  ]);
  const stop = findings.find((finding) => finding.status === 'stop');
  return {
    step,
    name,
    notNeeded,
    stop: stop?.status === 'stop' ? problemOf(stop) : undefined,
    warnings: findings.flatMap((finding) => (finding.status === 'warning' ? [problemOf(finding)] : [])),
    planned,
  };
}

export function pending<Overview extends Seen>(overviews: readonly Overview[]): readonly Overview[] {
  return overviews.filter(
    ({ planned, stop }) => stop !== undefined || planned.some(({ plan }) => plan.status !== 'ok'),
  );
}

/** Everything that is sure to stop the run, each thing once although several resources may meet it. */
export function blockers(overviews: readonly Seen[]): readonly Problem[] {
  const all = overviews.flatMap(({ stop, planned }) => [
    ...(stop === undefined ? [] : [stop]),
    ...planned.flatMap(({ plan }) => (plan.status === 'blocked' ? [plan] : [])),
  ]);
  return [...new Map(all.map((problem) => [problem.problem, problem])).values()];
}

/** Whether some of it needs root. */
export function takesRoot(overviews: readonly Seen[]): boolean {
  return countEffects(overviews).withSudo > 0;
}

/** Commands and files over all steps, and how many of them need root. */
function countEffects(overviews: readonly Seen[]): {
  readonly effects: number;
  readonly withSudo: number;
  readonly later: number;
} {
  const plans = overviews.flatMap(({ planned }) => planned.map(({ plan }) => plan));
  const effects = plans.flatMap((plan) => (plan.status === 'change' ? plan.effects : []));
  const asRoot = effects.filter(needsRoot);
  return {
    effects: effects.length,
    withSudo: asRoot.length,
    later: plans.filter(({ status }) => status === 'later').length,
  };
}

/** Whether it needs root. */
export function needsRoot(effect: Effect): boolean {
  return effect.do === 'run' ? effect.command.sudo === true : 'sudo' in effect && effect.sudo === true;
}

/** Every plan as it is, for programs. */
export function reportPlans(ui: Ui, overviews: readonly Seen[]): void {
  if (!ui.forPrograms) return;
  for (const { name, planned } of overviews)
    for (const { resource, plan } of planned)
      ui.report({ type: 'planned', step: name, resource: titleOf(resource), id: resource.id, plan });
}

/** What was answered, in a few lines. */
export function tellAnswers(ui: Ui, answers: Answers): void {
  ui.say('');
  ui.say('Your answers', 'strong');
  for (const [about, words] of answersSummary(answers)) ui.say(`  ${about.padEnd(9)} ${words}`);
}

/** More resources than this do not fit on a screen one by one. */
const mostAtOnce = 10;

/** What will change, step by step; where a person is to agree and it is much, one line a step and what touches things that are there, unless the `whole` is wanted. */
export function printPreview(ui: Ui, overviews: readonly Seen[], whole = false): void {
  const waiting = pending(overviews);
  const { effects, withSudo, later } = countEffects(overviews);
  const unknown = later === 0 ? '' : `; ${later} more may follow`;
  ui.say('');
  ui.say(
    `What will change: ${counted(effects, 'action')} in ${counted(waiting.length, 'step')}, ${withSudo} with sudo${unknown}`,
    'strong',
  );
  const expected = expectedWords(waiting.map(({ planned }) => planned));
  if (expected !== undefined) ui.say(expected);
  const brief =
    !whole &&
    ui.interactive &&
    waiting.flatMap(({ planned }) => planned.filter(({ plan }) => plan.status !== 'ok')).length > mostAtOnce;
  for (const { name, planned, stop, warnings } of waiting) {
    ui.say(brief ? briefLine(name, planned) : `  ${String(name.number).padStart(2)}  ${name.title}`);
    if (stop !== undefined) tellProblems(ui, [stop]);
    tellProblems(ui, warnings, 'warning');
    sayLines(ui, planLines(brief ? planned.filter(({ plan }) => touchesExisting(plan)) : planned));
  }
  const touching = waiting.some(({ planned }) => planned.some(({ plan }) => touchesExisting(plan)));
  if (brief && !touching) ui.say('  Nothing that is already here is replaced or removed.');
  if (ui.interactive) ui.say('');
}
