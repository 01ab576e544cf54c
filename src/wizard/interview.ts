import type { RawAnswers } from '../config/answers-file.ts';
import { hasCeiling } from '../config/derived.ts';
import type { Answers, AnswersInput } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import type { Asking, Interview } from './asking.ts';
import { askCloud } from './cloud/interview-cloud.ts';
import { greeting } from './first-question.ts';
import { askMore } from './interview-more.ts';
import { askRouting } from './interview-routing.ts';
import { askLocalModel } from './local-model/interview-local.ts';

export interface Interviewed {
  /** What was asked for and nothing else; it goes over what is known from elsewhere. */
  readonly raw: RawAnswers;
  readonly secrets: Secrets;
}

/** Asks in the order of the guide; every answer is tried as it is given. Changes nothing anywhere. */
export async function interview(about: Interview): Promise<Interviewed> {
  const asking: Asking = { ...about, questions: about.begun?.questions ?? greeting(about.ui, about.earlier?.cloud) };
  const local = await askLocalModel(asking);
  const behind = await askCloud(asking);
  const { routing: goes, failover: agreed } = await askRouting(asking, {
    localModel: local.localModel,
    cloud: behind.cloud,
  });
  const { localModel: chosen, leanLocal, cloud, options } = await askMore(asking, local, behind);
  const { whenCloudFails, spending, sealed, localModel: further, ...others } = options;
  const localModel = { ...chosen, ...further };
  const routing = { ...goes, ...(sealed.length === 0 ? {} : { sealed }) };
  const failover = { ...agreed, ...(whenCloudFails.length === 0 ? {} : { whenCloudFails }) };
  const launchers = { ...others.launchers, leanLocal };
  return {
    raw: { ...others, launchers, localModel, cloud, routing, failover, ...spendingOf(spending, about.earlier) },
    secrets: { ...about.known, ...local.secrets, ...behind.secrets },
  };
}

/** Nothing where there was no ceiling and is none; one that was taken away leaves an empty group. */
function spendingOf(spending: AnswersInput['spending'], earlier: Answers | undefined): RawAnswers {
  const was = earlier !== undefined && hasCeiling(earlier);
  return spending === undefined ? (was ? { spending: {} } : {}) : { spending };
}

/** Lays what was asked over what was known: groups of which only a part is asked keep the rest. */
export function withAsked(known: RawAnswers, asked: RawAnswers): RawAnswers {
  const parts = Object.entries(askedAbout).map(([group, fields]) => {
    const kept = Object.entries(groupOf(known, group)).filter(([field]) => !fields.includes(field));
    return [group, { ...Object.fromEntries(kept), ...groupOf(asked, group) }];
  });
  return { ...known, ...asked, ...Object.fromEntries(parts) };
}

/**
 * The groups of which only a part is asked, and what is gone when it is not among what was asked. Everything else in them is
 * written by hand and stays, whatever it will be called one day. Of the others all is asked.
 */
const askedAbout: Readonly<Record<string, readonly string[]>> = {
  system: [],
  toolchain: [],
  launchers: [],
  localModel: [
    'address',
    'model',
    'contextWindow',
    'load',
    'tokensPerSecond',
    'token',
    'wake',
    'moreAddresses',
    'parallel',
  ],
  routing: ['profile', 'sealed'],
  failover: ['allowed', 'target', 'whenCloudFails', 'overflow', 'images'],
};

function groupOf(answers: RawAnswers, group: string): Readonly<Record<string, unknown>> {
  const value = answers[group];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
