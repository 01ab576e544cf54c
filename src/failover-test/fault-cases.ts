import { failoverTarget, gatewayModels, LOCAL, LOCAL_ONLY } from '../components/gateway/models.ts';
import { busyGoesToCloudAfter, overflowGoesToCloud } from '../components/gateway/routing/profiles.ts';
import { type Answers, localAddresses } from '../config/schema.ts';
import { type DrillCase, errorSlackMs, type Promised } from './drill-case.ts';
import {
  type CloudFault,
  cloudFaults,
  copiedCloud,
  copyFor,
  deploymentIdOf,
  type Fault,
  faults,
  retryAfterSeconds,
  type Stage,
  scaledWaitSeconds,
  scaledWakeSeconds,
} from './fault.ts';
import { direct, duringCloudFault, duringFault, slowly } from './question.ts';

/** Off and on again: used within this time. */
const backWithinMs = 5000;

/** What was promised for a local model that fails, in the order in which it is tried in a throw-away gateway. */
export function faultCases(answers: Answers): readonly DrillCase[] {
  return [
    ...baselineCases(answers),
    foldedCase(answers),
    ...severalServersCases(answers),
    ...wakeCases(answers),
    ...faults.flatMap((fault) => [...pairFor(answers, fault), ...comingBack(answers, fault)]),
    brokenOffCase(),
    ...queueCases(answers),
    ...cloudFaultCases(answers),
  ];
}

/** Twice: the first one also opens the connection. */
function baselineCases(answers: Answers): readonly DrillCase[] {
  const target = failoverTarget(answers);
  if (target === undefined) return [];
  return [1, 2].map((turn) => ({
    ...thrownAway('answers'),
    id: `fallback-${turn}`,
    title: turn === 1 ? 'fallback, directly' : 'fallback, once more',
    promised: answerOf(answers, target),
    request: direct(target),
    ...(turn === 1 ? {} : { needs: 'fallback-1', baseline: true as const }),
  }));
}

/** The stager refuses late system turns as a strict chat template does, so only the hook gets this one answered. */
function foldedCase(answers: Answers): DrillCase {
  const tried = { promised: answerOf(answers, LOCAL), request: duringFault(LOCAL) };
  return { ...thrownAway('answers'), id: 'strict-template', title: 'a strict template', ...tried };
}

/** The same fault for the name that may fail over and for the one that never does. */
function pairFor(answers: Answers, fault: Fault): readonly DrillCase[] {
  const { stage, when, goalMs } = fault;
  const several = stage === 'refused' && localAddresses(answers.localModel).length > 1;
  const title = several ? 'all servers stopped' : fault.title;
  const first = { ...thrownAway(stage), id: stage, title, when, promised: promisedOn(answers, fault) };
  return byBothNames(first, neverCloud(goalMs));
}

function promisedOn(answers: Answers, { goalMs, overflow }: Fault): Promised {
  const outage = onOutage(answers, goalMs);
  const leaves = outage.kind === 'failover';
  if (overflow !== true || (leaves && overflowGoesToCloud(answers))) return outage;
  return { kind: 'error', within: goalMs + errorSlackMs, compact: true, ...(leaves ? { consented: true } : {}) };
}

/** After each kind of failure for which a gateway might avoid the local model later. */
function comingBack(answers: Answers, { stage }: Fault): readonly DrillCase[] {
  const after = { 'status-429': 'back after 429', refused: 'back on' }[stage as string];
  if (after === undefined) return [];
  const promised: Promised = { kind: 'answer', by: deploymentIdOf(answers, LOCAL), within: backWithinMs };
  return [{ ...thrownAway('answers'), id: `back-after-${stage}`, title: after, promised, request: duringFault(LOCAL) }];
}

function brokenOffCase(): DrillCase {
  return {
    ...thrownAway('breaks-off'),
    id: 'breaks-off',
    title: 'dies mid-stream',
    promised: { kind: 'broken-off' },
    request: duringFault(LOCAL),
  };
}

/** What was promised for a cloud that fails: who stands in for it, or its own error. Nothing without a cloud. */
function cloudFaultCases(answers: Answers): readonly DrillCase[] {
  const cloud = gatewayModels(answers).find(({ name }) => name === copiedCloud(answers));
  if (cloud === undefined) return [];
  const [first] = cloud.fallbacks;
  if (first === undefined) return [...cloudFaults.flatMap(ownError), ...ceilingCases(answers)];
  const to = deploymentIdOf(answers, first);
  const failing = cloudFaults.flatMap((fault) => [
    standIn(fault, to),
    ...(fault.stage === 'cloud-429' ? leftAlone(fault, to) : []),
  ]);
  return [...failing, ...ceilingCases(answers)];
}

/** What a cloud's name is answered with when as much is spent as may be. It costs nothing: the cloud is a copy. */
function ceilingCases(answers: Answers): readonly DrillCase[] {
  const { perDay, perMonth, atCeiling } = answers.spending;
  if (perDay === undefined && perMonth === undefined) return [];
  const refused: Promised = { kind: 'cloud-error', status: 402, type: 'billing_error' };
  const promised = atCeiling === 'refuse' ? refused : answerOf(answers, LOCAL_ONLY);
  const request = duringCloudFault(copyFor('cloud-500').name);
  const staged = {
    id: 'at-ceiling',
    title: 'ceiling reached',
    when: 'the ceiling is reached',
    stage: 'at-ceiling',
  } as const;
  return [{ part: 'throw-away', key: 'ours', ...staged, promised, request }];
}

function standIn(fault: CloudFault, to: string): DrillCase {
  return { ...caseOf(fault), promised: { kind: 'failover', to, added: fault.goalMs } };
}

/** It is left alone for as long as it wants, although it would answer; then it is asked again. */
function leftAlone(fault: CloudFault, to: string): readonly DrillCase[] {
  const limited = caseOf(fault);
  const asked = { ...limited, stage: 'cloud-answers', needs: limited.id } as const;
  const back: Promised = { kind: 'answer', by: copyFor(fault.stage).id, within: backWithinMs };
  return [
    {
      ...asked,
      id: 'cloud-left-alone',
      title: '  left alone',
      promised: { kind: 'failover', to, added: fault.goalMs },
    },
    { ...asked, id: 'cloud-back', title: '  back again', promised: back, afterMs: retryAfterSeconds * 1000 },
  ];
}

function ownError(fault: CloudFault): readonly DrillCase[] {
  return fault.says === undefined ? [] : [{ ...caseOf(fault), promised: { kind: 'cloud-error', ...fault.says } }];
}

function caseOf({ stage, title, when }: CloudFault): Omit<DrillCase, 'promised'> {
  const request = duringCloudFault(copyFor(stage).name);
  return { part: 'throw-away', key: 'ours', id: stage, title, when, stage, request };
}

/** What a gateway may add to a chosen wait. */
const addedMs = 1000;

/**
 * One of several servers fails, and another one answers. That all of them are off is a fault like any other. In this order a server
 * that fails is asked in each case, whichever of the two the conversation has its home at: the one that failed last is tried last.
 */
function severalServersCases(answers: Answers): readonly DrillCase[] {
  if (localAddresses(answers.localModel).length === 1) return [];
  const tried = { promised: answerOf(answers, LOCAL), request: duringFault(LOCAL) };
  return [
    { ...thrownAway('one-not-ready'), id: 'one-not-ready', title: 'one server not ready', ...tried },
    { ...thrownAway('answers'), id: 'one-stopped', title: 'one server stopped', ...tried },
  ];
}

/**
 * A box that sleeps is woken and the request held; then one that never wakes, and what was chosen. It is left alone for five minutes then,
 * so the faults that are staged next take as long as they do without a wake.
 */
function wakeCases(answers: Answers): readonly DrillCase[] {
  if (answers.localModel.wake === undefined) return [];
  const waitedMs = scaledWakeSeconds * 1000 + addedMs;
  const asleep = { ...thrownAway('asleep'), when: 'its box sleeps', promised: answerOf(answers, LOCAL) };
  const never = { ...thrownAway('refused'), when: 'its box never wakes', promised: onOutage(answers, waitedMs) };
  return [
    { ...asleep, id: 'asleep', title: 'box asleep, woken', request: duringFault(LOCAL) },
    ...byBothNames({ ...never, id: 'never-wakes', title: 'box never wakes' }, neverCloud(waitedMs)),
  ];
}

/** Three at once for a server that answers one at once, of which the second one leaves while it waits; then a long wait. */
function queueCases(answers: Answers): readonly DrillCase[] {
  if (answers.localModel.parallel === 'off') return [];
  const request = duringFault(LOCAL_ONLY);
  const stays = busyGoesToCloudAfter(answers) === undefined;
  const promised = stays ? answerOf(answers, LOCAL) : onOutage(answers, scaledWaitSeconds * 1000 + addedMs);
  const busy = {
    ...thrownAway('busy'),
    when: 'the local server is busy with another one',
    beside: [slowly(LOCAL_ONLY)],
  };
  return [
    {
      ...thrownAway('one-at-once'),
      id: 'queue',
      title: 'a queue, one leaves',
      when: 'several ask the local server at once',
      promised: answerOf(answers, LOCAL_ONLY),
      beside: [request, { ...request, timeoutMs: 300 }],
      request,
    },
    ...byBothNames({ ...busy, id: 'long-wait', title: 'a long wait', promised }, answerOf(answers, LOCAL_ONLY)),
  ];
}

/** One case for the name that may fail over, and for the one that never does, for which something else was promised. */
function byBothNames(first: Omit<DrillCase, 'request'>, strict: Promised): readonly DrillCase[] {
  const needs = first.promised.kind === 'failover' ? { needs: 'fallback-1' } : {};
  const second = { ...first, id: `${first.id}-strict`, title: '  the same, strict', promised: strict };
  return [
    { ...first, request: duringFault(LOCAL), ...needs },
    { ...second, request: duringFault(LOCAL_ONLY) },
  ];
}

/** What was promised for a local model that cannot answer: whoever may takes over, adding that many milliseconds, or an error is told. */
function onOutage(answers: Answers, goalMs: number): Promised {
  const target = failoverTarget(answers);
  if (target === undefined) return { kind: 'error', within: goalMs + errorSlackMs };
  return { kind: 'failover', to: deploymentIdOf(answers, target), added: goalMs };
}

/** The local model or nobody; that is said after that many milliseconds and a bit. */
function neverCloud(goalMs: number): Promised {
  return { kind: 'never-cloud', within: goalMs + errorSlackMs };
}

/** What every case of the throw-away gateway has. */
function thrownAway(stage: Stage): Pick<DrillCase, 'part' | 'key'> & { readonly stage: Stage } {
  return { part: 'throw-away', key: 'ours', stage };
}

function answerOf(answers: Answers, name: string): Promised {
  return { kind: 'answer', by: deploymentIdOf(answers, name) };
}
