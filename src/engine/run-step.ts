import { type Effect, EffectFailed, type Host, type Performed, type Probe } from '../host/host.ts';
import { type Problem, problemOf } from '../problem.ts';
import { planResource } from '../resources/plan-resource.ts';
import { type Plan, type Resource, type ResourceId, titleOf } from '../resources/resource.ts';
import type { Event, StepName } from './event.ts';
import { unexplained } from './known-problems.ts';
import type { Outcome, Step } from './step.ts';

/** What running a step needs. */
export interface Runner {
  readonly host: Host;
  readonly report: (event: Event) => void;
  /** Asked once per step that would change something. */
  readonly confirm: (step: StepName, plans: readonly PlannedResource[]) => Promise<'apply' | 'skip' | 'stop'>;
  /** Written before and after each effect; see Journal. */
  readonly record: (entry: EffectRecord) => Promise<void>;
  /** True once the person asked to stop: the current effect is finished first. */
  readonly cancelled: () => boolean;
  /** Whether something changed since the whole was last proven. */
  readonly proofDue: () => boolean;
  /** What is known about a failure of this kind, in words. */
  readonly explain: (failure: EffectFailed) => Problem | undefined;
}

export interface PlannedResource {
  readonly resource: Resource;
  readonly plan: Plan;
}

export interface EffectRecord {
  readonly state: 'begun' | 'done' | 'failed';
  readonly step: string;
  readonly resource: string;
  readonly id: ResourceId;
  readonly effect: Effect;
  readonly backup?: string;
}

/** Thrown between two effects when the person asked to stop. */
export class Cancelled extends Error {}

/** Finds out what a step would change; performs nothing. */
export async function planStep<Context>(
  step: Step<Context>,
  context: Context,
  probe: Probe,
): Promise<PlannedResource[]> {
  const resources = await step.resources(context, probe);
  return await Promise.all(
    resources.map(async (resource) => ({ resource, plan: await planResource(probe, resource) })),
  );
}

/**
 * Checks, plans, asks, performs, verifies by planning once more, and proves. Once the person asked to stop nothing is concluded:
 * Ctrl-C reaches the programs that look, too, and what they say of the machine then is nothing but that.
 */
export async function runStep<Context>(
  step: Step<Context>,
  name: StepName,
  context: Context,
  runner: Runner,
): Promise<Outcome> {
  const outcome = await outcomeOf(step, name, context, runner);
  if (outcome.status === 'stopped' && runner.cancelled()) throw new Cancelled();
  return outcome;
}

async function outcomeOf<Context>(
  step: Step<Context>,
  name: StepName,
  context: Context,
  runner: Runner,
): Promise<Outcome> {
  const reason = step.notNeeded?.(context);
  if (reason !== undefined) return { status: 'not-needed', reason };
  const stopped = await failedCheck(step, name, context, runner);
  if (stopped !== undefined) return { status: 'stopped', ...stopped };
  const plans = await planStep(step, context, runner.host);
  for (const { resource, plan } of plans)
    runner.report({ type: 'planned', step: name, resource: titleOf(resource), id: resource.id, plan });
  if (plans.every(({ plan }) => plan.status === 'ok')) return await prove(step, name, context, runner, 0);
  const blocked = firstBlocked(plans);
  if (blocked !== undefined) return { status: 'stopped', ...blocked };
  if (runner.cancelled()) throw new Cancelled();
  const answer = await runner.confirm(name, plans);
  if (answer === 'skip') return { status: 'declined' };
  if (answer === 'stop') throw new Cancelled();
  return await applyStep(step, name, context, runner);
}

/** Begins what a later step would wait for, where that can be begun; how the step ended where it was made to fail so early. */
export async function beginAhead<Context>(
  step: Step<Context>,
  name: StepName,
  context: Context,
  runner: Runner,
): Promise<Outcome | 'begun' | 'not yet'> {
  const resource = step.ahead?.(context);
  if (resource === undefined || step.notNeeded?.(context) !== undefined || runner.cancelled()) return 'not yet';
  const plan = await planResource(runner.host, resource);
  if (plan.status !== 'change' || (await isRefused(step, context, runner))) return 'not yet';
  return await orStopped(runner, async () => {
    for (const effect of plan.effects) await performOne(effect, resource, name, runner);
    return 'begun' as const;
  });
}

/** Whether one of the step's requirements stops it; why is told when it has its turn. */
async function isRefused<Context>(step: Step<Context>, context: Context, { host }: Runner): Promise<boolean> {
  const results = await Promise.all((step.requires ?? []).map(async (check) => await check.run(host, context)));
  return results.some(({ status }) => status === 'stop');
}

async function failedCheck<Context>(
  step: Step<Context>,
  name: StepName,
  context: Context,
  runner: Runner,
): Promise<Problem | undefined> {
  for (const check of step.requires ?? []) {
    const finding = await check.run(runner.host, context);
    if (finding.status === 'stop') return problemOf(finding);
    if (finding.status === 'warning') runner.report({ type: 'check-warned', step: name, check: check.name, finding });
  }
  return undefined;
}

function firstBlocked(plans: readonly PlannedResource[]): Problem | undefined {
  const plan = plans.map((planned) => planned.plan).find((candidate) => candidate.status === 'blocked');
  return plan?.status === 'blocked' ? problemOf(plan) : undefined;
}

async function applyStep<Context>(
  step: Step<Context>,
  name: StepName,
  context: Context,
  runner: Runner,
): Promise<Outcome> {
  return await orStopped(runner, async () => {
    const { changes, blocked } = await converge(step, name, context, runner);
    if (blocked !== undefined) return { status: 'stopped', ...blocked };
    const left = (await planStep(step, context, runner.host)).filter(({ plan }) => plan.status !== 'ok');
    if (left.length > 0) return { status: 'stopped', ...notSettled(left) };
    return await prove(step, name, context, runner, changes);
  });
}

/** The result of the work; a failed effect stops its step. */
async function orStopped<Ended>(runner: Runner, work: () => Promise<Ended>): Promise<Ended | Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EffectFailed)) throw error;
    return { status: 'stopped', ...(runner.explain(error) ?? unexplained(error)) };
  }
}

/** A step can need a second round when one change makes another visible, e.g. a file that appears with a package. */
const mostRounds = 3;

async function converge<Context>(
  step: Step<Context>,
  name: StepName,
  context: Context,
  runner: Runner,
): Promise<{ readonly changes: number; readonly blocked?: Problem }> {
  let changes = 0;
  for (let round = 0; round < mostRounds; round += 1) {
    const before = changes;
    for (const resource of await step.resources(context, runner.host)) {
      // Planned again just before acting: an earlier change of this step may have changed the situation.
      const plan = await planResource(runner.host, resource);
      if (plan.status === 'blocked') return { changes, blocked: problemOf(plan) };
      if (plan.status !== 'change') continue;
      for (const effect of plan.effects) await performOne(effect, resource, name, runner);
      changes += 1;
    }
    if (changes === before) break;
  }
  return { changes };
}

async function performOne(effect: Effect, resource: Resource, step: StepName, runner: Runner): Promise<void> {
  if (runner.cancelled()) throw new Cancelled();
  const told = { step, resource: titleOf(resource), id: resource.id, effect };
  const started = performance.now();
  try {
    const began = () => runner.report({ type: 'effect-began', ...told });
    const kept = await performRecorded(runner, { ...told, step: step.id }, began);
    runner.report({ type: 'effect-ended', ...told, ms: performance.now() - started, ...kept });
  } catch (error) {
    if (error instanceof EffectFailed) {
      runner.report({ type: 'effect-failed', ...told, message: error.message, output: error.output });
    }
    throw error;
  }
}

/** Performs an effect, with a line in the journal before and after it. */
export async function performRecorded(
  { host, record }: Pick<Runner, 'host' | 'record'>,
  about: Omit<EffectRecord, 'state' | 'backup'>,
  began: () => void = () => undefined,
): Promise<Performed> {
  await record({ state: 'begun', ...about });
  began();
  try {
    const done = await host.perform(about.effect);
    await record({ state: 'done', ...about, ...done });
    return done;
  } catch (error) {
    await record({ state: 'failed', ...about });
    throw error;
  }
}

async function prove<Context>(
  step: Step<Context>,
  name: StepName,
  context: Context,
  runner: Runner,
  changes: number,
): Promise<Outcome> {
  const due = changes > 0 || (step.provesEverything === true && runner.proofDue());
  for (const proof of step.proofs ?? []) {
    if (!due && proof.always !== true) continue;
    if (runner.cancelled()) throw new Cancelled();
    const started = performance.now();
    const waiting = (forWhat: string) => runner.report({ type: 'waiting', step: name, forWhat });
    waiting(proof.name);
    const result = await proof.run(runner.host, context, waiting);
    if (!result.ok) return { status: 'stopped', ...result.problem };
    const ms = performance.now() - started;
    runner.report({ type: 'proven', step: name, proof: proof.name, result: result.value.note, ms });
    const { warning } = result.value;
    if (warning !== undefined) runner.report({ type: 'proof-warned', step: name, proof: proof.name, finding: warning });
  }
  if (changes > 0) return { status: 'done', changes };
  return { status: due ? 'proven' : 'in-place' };
}

function notSettled(left: readonly PlannedResource[]): Problem {
  const [first] = left;
  const what = first === undefined ? 'something' : titleOf(first.resource);
  const plan = first?.plan;
  if (plan?.status === 'blocked') return problemOf(plan);
  const why = plan?.status === 'later' ? `it still waits for ${plan.waitsFor}` : 'the change did not last';
  return {
    code: 'change-without-effect',
    problem: `${what} is still not as it should be after everything was done: ${why}`,
    fix: 'run the same command again with  --verbose  and read what the last command says',
  };
}
