import { failoverTarget, LOCAL } from '../../components/gateway/models.ts';
import { overflowGoesToCloud } from '../../components/gateway/routing/profiles.ts';
import { localAddresses } from '../../config/derived.ts';
import type { Answers } from '../../config/schema.ts';
import { deploymentIdOf } from '../deployment-id.ts';
import { type Fault, faults } from '../fault.ts';
import { direct, duringFault } from '../question.ts';
import { cloudFaultCases } from './cloud-fault-cases.ts';
import { type DrillCase, errorSlackMs, type Promised } from './drill-case.ts';
import {
  byBothNames,
  neverCloud,
  onOutage,
  queueCases,
  severalServersCases,
  thrownAway,
  wakeCases,
} from './local-server-cases.ts';

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
