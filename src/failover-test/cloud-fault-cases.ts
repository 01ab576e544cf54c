import { gatewayModels } from '../components/gateway/models.ts';
import type { Answers } from '../config/schema.ts';
import { type CloudFault, cloudFaults, copiedCloud, copyFor, retryAfterSeconds } from './cloud-fault.ts';
import { deploymentIdOf } from './deployment-id.ts';
import type { DrillCase, Promised } from './drill-case.ts';
import { duringCloudFault } from './question.ts';

/** A cloud that was left alone answers again within this time. */
const backWithinMs = 5000;

/** What was promised for a cloud that fails: who stands in for it, or its own error. Nothing without a cloud. */
export function cloudFaultCases(answers: Answers): readonly DrillCase[] {
  const cloud = gatewayModels(answers).find(({ name }) => name === copiedCloud(answers));
  if (cloud === undefined) return [];
  const [first] = cloud.fallbacks;
  if (first === undefined) return cloudFaults.flatMap(ownError);
  const to = deploymentIdOf(answers, first);
  return cloudFaults.flatMap((fault) => [
    standIn(fault, to),
    ...(fault.stage === 'cloud-429' ? leftAlone(fault, to) : []),
  ]);
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
