import { gatewayModels, LOCAL_ONLY } from '../../components/gateway/models.ts';
import type { Answers } from '../../config/schema.ts';
import { type CloudFault, cloudFaults, copiedCloud, copyFor, retryAfterSeconds } from '../cloud-fault.ts';
import { deploymentIdOf } from '../deployment-id.ts';
import { duringCloudFault } from '../question.ts';
import type { DrillCase, Promised } from './drill-case.ts';

/** A cloud that was left alone answers again within this time. */
const backWithinMs = 5000;

/** What was promised for a cloud that fails: who stands in for it, or its own error. Nothing without a cloud. */
export function cloudFaultCases(answers: Answers): readonly DrillCase[] {
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
  const promised: Promised =
    atCeiling === 'refuse' ? refused : { kind: 'answer', by: deploymentIdOf(answers, LOCAL_ONLY) };
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

/** While it wants to be left alone it is, although it would answer; then it is asked again. */
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
