import { neighbourOf } from '../components/gateway/wake.ts';
import type { RawAnswers } from '../config/answers-file.ts';
import { type Answers, type AnswersInput, type CloudAnswers, hasCeiling } from '../config/schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { askCloud, askMain, type CloudInterviewed, countMain } from './cloud/interview-cloud.ts';
import { askOptions, keptOptions, keptOptionWords, type OptionsInterviewed } from './interview-options.ts';
import { askRouting } from './interview-routing.ts';
import { askLocalModel, type LocalInterviewed } from './local-model/interview-local.ts';
import { askReading, askTools, keptReading } from './local-model/interview-reading.ts';
import { type Asking, greeting, type Interview } from './questions.ts';

export interface Interviewed {
  /** Only what was asked; it overrides what is known from elsewhere. */
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

export interface MoreInterviewed {
  readonly localModel: LocalInterviewed['localModel'];
  /** Whether the launchers offer it the core tools only. */
  readonly leanLocal: boolean;
  readonly cloud: CloudAnswers;
  readonly options: OptionsInterviewed;
}

/** What most people leave as it is: asked only of who likes to be asked. Nothing in it is needed for a first run. */
async function askMore(about: Asking, local: LocalInterviewed, behind: CloudInterviewed): Promise<MoreInterviewed> {
  const { ui, earlier, questions } = about;
  const { localModel, measurable } = local;
  const leanLocal = earlier?.launchers.leanLocal ?? true;
  questions.begin('Anything else?', `Defaults: ${keptWords(about, leanLocal, behind)}.`);
  const front = countMain(behind.found) > 1;
  const offered = await offeredWake(about, localModel.address);
  const further = [
    ...(measurable === undefined ? [] : ['reading speed']),
    'tools',
    ...(front ? ['main model'] : []),
    ...(offered === undefined ? [] : ['waking the box']),
  ];
  const answer = await ui.choose({
    id: 'more-questions',
    message: 'More questions',
    choices: [
      { value: 'no', label: 'no, that is all' },
      { value: 'yes', label: 'yes', detail: [...further, 'options'].join(', ') },
    ],
  });
  if (answer === 'no') {
    const kept = { ...localModel, ...keptWake(about, localModel.address) };
    return { localModel: kept, leanLocal, cloud: behind.cloud, options: keptOptions(earlier, behind.cloud) };
  }
  questions.expect(further.length + 1);
  const { firstAnswer, ...speed } =
    measurable === undefined ? keptReading(localModel.tokensPerSecond) : await askReading(about, measurable);
  const lean = await askTools(about, firstAnswer);
  const cloud = front ? await askMain(about, behind.found) : behind.cloud;
  const { tokensPerSecond: _before, ...unmeasured } = localModel;
  const woken = offered === undefined ? {} : await askWake(about, offered);
  const options = await askOptions(about, cloud, local);
  return { localModel: { ...unmeasured, ...speed, ...woken }, leanLocal: lean, cloud, options };
}

type Wake = NonNullable<LocalInterviewed['localModel']['wake']>;

/** What was chosen before for this very machine. */
function keptWake({ earlier }: Asking, address: string): { readonly wake?: Wake } {
  const wake = earlier?.localModel.address === address ? earlier.localModel.wake : undefined;
  return wake === undefined ? {} : { wake };
}

/** What can be chosen: as before, or the network card that is seen at the address; undefined where none is. */
async function offeredWake(about: Asking, address: string): Promise<Wake | undefined> {
  const { wake } = keptWake(about, address);
  if (wake !== undefined) return wake;
  const { mac, router } = (await neighbourOf(about.probe, address)) ?? {};
  return mac === undefined || router !== undefined ? undefined : { mac };
}

async function askWake({ ui, earlier, questions }: Asking, offered: Wake): Promise<{ readonly wake?: Wake }> {
  questions.begin('Does its machine sleep?');
  const chosen = await ui.choose({
    id: 'wake',
    message: 'When it does not answer',
    choices: [
      { value: 'no', label: 'leave it asleep' },
      { value: 'yes', label: `wake ${offered.mac}`, detail: 'wake-on-LAN; requests wait for it' },
    ],
    default: earlier?.localModel.wake === offered ? 'yes' : 'no',
  });
  return chosen === 'yes' ? { wake: offered } : {};
}

function keptWords({ earlier }: Asking, leanLocal: boolean, { cloud }: CloudInterviewed): string {
  const front = cloud.main === undefined ? [] : [`${cloud.main} as main model`];
  return [leanLocal ? 'core tools' : 'all tools', ...front, ...keptOptionWords(earlier, cloud)].join(', ');
}
