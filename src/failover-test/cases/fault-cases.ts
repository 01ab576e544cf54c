import { failoverTarget, LOCAL, LOCAL_ONLY } from '../../components/gateway/models.ts';
import { overflowGoesToCloud } from '../../components/gateway/routing/profiles.ts';
import type { Answers } from '../../config/schema.ts';
import { deploymentIdOf } from '../deployment-id.ts';
import { type Fault, faults } from '../fault.ts';
import { direct, duringFault } from '../question.ts';
import { cloudFaultCases } from './cloud-fault-cases.ts';
import type { DrillCase, Promised } from './drill-case.ts';

/** What an error may take beside the time that the fault itself costs. */
const errorSlackMs = 2000;
/** Off and on again: used within this time. */
const backWithinMs = 5000;

/** What was promised for a local model that fails, in the order in which it is tried in a throw-away gateway. */
export function faultCases(answers: Answers): readonly DrillCase[] {
  return [
    ...baselineCases(answers),
    foldedCase(answers),
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
    promised: { kind: 'answer', by: deploymentIdOf(answers, target) },
    request: direct(target),
    ...(turn === 1 ? {} : { needs: 'fallback-1', baseline: true as const }),
  }));
}

/** The stager refuses late system turns as a strict chat template does, so it takes the hook to get this one answered. */
function foldedCase(answers: Answers): DrillCase {
  const promised: Promised = { kind: 'answer', by: deploymentIdOf(answers, LOCAL) };
  return {
    ...thrownAway('answers'),
    id: 'strict-template',
    title: 'a strict template',
    promised,
    request: duringFault(LOCAL),
  };
}

/** The same fault met by the name that may fail over and by the one that never does. */
function pairFor(answers: Answers, fault: Fault): readonly DrillCase[] {
  const base = { ...thrownAway(fault.stage), when: fault.when };
  const promised = promisedOn(answers, fault);
  return [
    {
      ...base,
      id: fault.stage,
      title: fault.title,
      promised,
      request: duringFault(LOCAL),
      ...(promised.kind === 'failover' ? { needs: 'fallback-1' } : {}),
    },
    {
      ...base,
      id: `${fault.stage}-strict`,
      title: '  the same, strict',
      promised: { kind: 'never-cloud', within: fault.goalMs + errorSlackMs },
      request: duringFault(LOCAL_ONLY),
    },
  ];
}

function promisedOn(answers: Answers, { goalMs, overflow }: Fault): Promised {
  const target = failoverTarget(answers);
  const error = { kind: 'error', within: goalMs + errorSlackMs } as const;
  if (target === undefined) return overflow === true ? { ...error, compact: true } : error;
  if (overflow === true && !overflowGoesToCloud(answers)) return { ...error, compact: true, consented: true };
  return { kind: 'failover', to: deploymentIdOf(answers, target), added: goalMs };
}

/** After a failure of each kind that a gateway might remember the local model by. */
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
    title: 'dies in mid-stream',
    promised: { kind: 'broken-off' },
    request: duringFault(LOCAL),
  };
}

/** Three at once for a server that answers one at once, of which the second one leaves while it waits. */
function queueCases(answers: Answers): readonly DrillCase[] {
  if (answers.localModel.parallel === 'off') return [];
  const request = duringFault(LOCAL_ONLY);
  return [
    {
      ...thrownAway('one-at-once'),
      id: 'queue',
      title: 'a queue, one leaves',
      when: 'several ask the local server at once',
      promised: { kind: 'answer', by: deploymentIdOf(answers, LOCAL_ONLY) },
      beside: [request, { ...request, timeoutMs: 300 }],
      request,
    },
  ];
}

function thrownAway(stage: Fault['stage']): Pick<DrillCase, 'part' | 'key'> & { readonly stage: Fault['stage'] } {
  return { part: 'throw-away', key: 'ours', stage };
}
