import type { MachineFacts } from '../context.ts';
import type { Probe } from '../host/host.ts';
import { failoverTarget, gatewayModels } from '../render/gateway-models.ts';
import type { Ui } from '../ui/ui.ts';
import type { RawAnswers } from './answers-file.ts';
import { askCloud, questionsAbout } from './interview-cloud.ts';
import { askLocalModel } from './interview-local.ts';
import { countQuestions, type Questions } from './questions.ts';
import { type Answers, type AnswersInput, answersSchema } from './schema.ts';
import type { Secrets } from './secrets.ts';

/** What the questions need besides the person. */
export interface Interview {
  readonly ui: Ui;
  readonly probe: Pick<Probe, 'http'>;
  readonly machine: MachineFacts;
  /** Offered as defaults. */
  readonly earlier: Answers | undefined;
  /** Keys that are known already; offered to be kept. */
  readonly known: Secrets;
}

/** The interview while it goes on. */
export interface Asking extends Interview {
  readonly questions: Questions;
}

export interface Interviewed {
  /** What was asked for and nothing else; it goes over what is known from elsewhere. */
  readonly raw: RawAnswers;
  readonly secrets: Secrets;
}

type Asked = Pick<AnswersInput, 'localModel'> & Required<Pick<AnswersInput, 'cloud' | 'failover'>>;

/** Asks in the order of the guide; every answer is tried as it is given. Changes nothing anywhere. */
export async function interview(about: Interview): Promise<Interviewed> {
  const asking: Asking = { ...about, questions: countQuestions(about.ui, 3 + questionsAbout(about.earlier?.cloud)) };
  about.ui.say('');
  about.ui.say('A few questions. Enter takes what is offered.', 'dim');
  const local = await askLocalModel(asking);
  const cloud = await askCloud(asking);
  const known: Asked = { localModel: local.localModel, cloud: cloud.cloud, failover: { allowed: false } };
  const failover = await askFailover(asking, known);
  const options = await askOptions(asking);
  return { raw: { ...options, ...known, failover }, secrets: { ...about.known, ...local.secrets, ...cloud.secrets } };
}

/** Lays what was asked over what was known: groups of which only a part is asked keep the rest. */
export function withAsked(known: RawAnswers, asked: RawAnswers): RawAnswers {
  const parts = ['system', 'toolchain'].map((group) => [group, { ...groupOf(known, group), ...groupOf(asked, group) }]);
  return { ...known, ...asked, ...Object.fromEntries(parts) };
}

function groupOf(answers: RawAnswers, group: string): object {
  const value = answers[group];
  return typeof value === 'object' && value !== null ? value : {};
}

type FailoverAnswers = NonNullable<AnswersInput['failover']>;

/** Consent needs to know what goes where: the model and whose it is are named. */
async function askFailover({ ui, earlier, questions }: Asking, known: Asked): Promise<FailoverAnswers> {
  const target = keptTarget(known, earlier);
  const agreed: FailoverAnswers = { allowed: true, ...(target === undefined ? {} : { target }) };
  const taker = takerOf(known, agreed);
  if (taker === undefined) return { allowed: false };
  questions.begin('When LM Studio cannot answer, may the cloud?');
  ui.say(
    `     That would send the conversation, with what you typed and the files in it, to ${taker}, and it costs money there.`,
  );
  ui.say('     claude-offline never does it, whatever you say here.', 'dim');
  const answer = await ui.choose({
    message: 'Failover',
    choices: [
      { value: 'no', label: 'no, fail instead' },
      { value: 'yes', label: 'yes, send it to the cloud' },
    ],
    default: earlier?.failover.allowed === true ? 'yes' : 'no',
  });
  return { ...agreed, allowed: answer === 'yes' };
}

/** The earlier target, unless its cloud is no longer there. */
function keptTarget(known: Asked, earlier: Answers | undefined): string | undefined {
  const target = earlier?.failover.target;
  const offered = gatewayModels(whole(known)).map(({ name }) => name);
  return target !== undefined && offered.includes(target) ? target : undefined;
}

function takerOf(known: Asked, failover: FailoverAnswers): string | undefined {
  const answers = whole({ ...known, failover });
  const name = failoverTarget(answers);
  const kind = gatewayModels(answers).find((model) => model.name === name)?.backend.kind;
  if (name === undefined) return undefined;
  return kind === 'foundry'
    ? `${name.replace(/^foundry\//, '')} at Microsoft (Azure AI Foundry)`
    : `${name} at Anthropic`;
}

function whole(asked: Asked): Answers {
  return answersSchema.parse({ version: 1, ...asked });
}

const options = {
  mise: { label: 'mise', detail: 'node 22 and python 3.12 for your own projects' },
  fullUpgrade: { label: 'full-upgrade', detail: 'bring every Debian package up to date first' },
  fail2ban: { label: 'fail2ban', detail: 'ban addresses after repeated failed SSH logins' },
  firewall: { label: 'nftables', detail: 'inbound connections from the local network only' },
} as const;
type Option = keyof typeof options;

async function askOptions({ ui, earlier, questions }: Asking): Promise<Pick<AnswersInput, 'system' | 'toolchain'>> {
  questions.begin('What else?');
  const chosen = await ui.chooseMany<Option>({
    message: 'Options',
    choices: (Object.keys(options) as Option[]).map((value) => ({
      value,
      ...options[value],
      ...miseTools(value, earlier),
    })),
    chosen: earlierOptions(earlier),
  });
  return {
    system: {
      fullUpgrade: chosen.includes('fullUpgrade'),
      fail2ban: chosen.includes('fail2ban'),
      firewall: chosen.includes('firewall'),
    },
    toolchain: { mise: chosen.includes('mise') },
  };
}

function miseTools(option: Option, earlier: Answers | undefined): { readonly detail?: string } {
  if (option !== 'mise' || earlier === undefined) return {};
  return { detail: `${earlier.toolchain.tools.join(' and ').replaceAll('@', ' ')} for your own projects` };
}

function earlierOptions(earlier: Answers | undefined): readonly Option[] {
  if (earlier === undefined) return ['mise'];
  const { system, toolchain } = earlier;
  const set: Record<Option, boolean> = {
    mise: toolchain.mise,
    fullUpgrade: system.fullUpgrade,
    fail2ban: system.fail2ban,
    firewall: system.firewall,
  };
  return (Object.keys(set) as Option[]).filter((option) => set[option]);
}
