import { failoverTarget, LOCAL, LOCAL_ONLY } from '../../components/gateway/models.ts';
import { busyGoesToCloudAfter } from '../../components/gateway/routing/profiles.ts';
import { localAddresses } from '../../config/derived.ts';
import type { Answers } from '../../config/schema.ts';
import { deploymentIdOf } from '../deployment-id.ts';
import { type Stage, scaledWaitSeconds, scaledWakeSeconds } from '../fault.ts';
import { duringFault, slowly } from '../question.ts';
import { type DrillCase, errorSlackMs, type Promised } from './drill-case.ts';

/** What a gateway may add to a wait that was chosen. */
const addedMs = 1000;

/**
 * One of several servers fails, and another one answers. That all of them are off is a fault like any other. In this order a server
 * that fails is asked in each case, whichever of the two the conversation has its home at: the one that failed last is tried last.
 */
export function severalServersCases(answers: Answers): readonly DrillCase[] {
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
export function wakeCases(answers: Answers): readonly DrillCase[] {
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
export function queueCases(answers: Answers): readonly DrillCase[] {
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

/** One case met by the name that may fail over, and by the one that never does, to which something else was promised. */
export function byBothNames(first: Omit<DrillCase, 'request'>, strict: Promised): readonly DrillCase[] {
  const needs = first.promised.kind === 'failover' ? { needs: 'fallback-1' } : {};
  const second = { ...first, id: `${first.id}-strict`, title: '  the same, strict', promised: strict };
  return [
    { ...first, request: duringFault(LOCAL), ...needs },
    { ...second, request: duringFault(LOCAL_ONLY) },
  ];
}

/** What was promised for a local model that cannot answer: whoever may takes over, adding that many milliseconds, or an error is told. */
export function onOutage(answers: Answers, goalMs: number): Promised {
  const target = failoverTarget(answers);
  if (target === undefined) return { kind: 'error', within: goalMs + errorSlackMs };
  return { kind: 'failover', to: deploymentIdOf(answers, target), added: goalMs };
}

/** The local model or nobody, which is said that many milliseconds and a bit later. */
export function neverCloud(goalMs: number): Promised {
  return { kind: 'never-cloud', within: goalMs + errorSlackMs };
}

/** What every case of the throw-away gateway has. */
export function thrownAway(stage: Stage): Pick<DrillCase, 'part' | 'key'> & { readonly stage: Stage } {
  return { part: 'throw-away', key: 'ours', stage };
}

function answerOf(answers: Answers, name: string): Promised {
  return { kind: 'answer', by: deploymentIdOf(answers, name) };
}
