import type { Probe } from '../host/host.ts';
import type { MachineFacts } from '../context.ts';
import type { Ui } from '../ui/ui.ts';
import type { RawAnswers } from './answers-file.ts';
import { askCloud } from './interview-cloud.ts';
import { askLocalModel } from './interview-local.ts';
import type { Answers, AnswersInput } from './schema.ts';
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

export interface Interviewed {
  /** What was asked for and nothing else; it goes over what is known from elsewhere. */
  readonly raw: RawAnswers;
  readonly secrets: Secrets;
}

/** Asks in the order of the guide; every answer is tried as it is given. Changes nothing anywhere. */
export async function interview(about: Interview): Promise<Interviewed> {
  const { ui } = about;
  const local = await askLocalModel(about);
  const cloud = await askCloud(about);
  const hasCloud = cloud.cloud.anthropic !== undefined || cloud.cloud.foundry !== undefined;
  const failover = hasCloud ? await askFailover(about, cloudName(cloud.cloud)) : { allowed: false };
  const options = await askOptions(about);
  const asked: Omit<AnswersInput, 'version'> = {
    ...options,
    localModel: local.localModel,
    cloud: cloud.cloud,
    failover,
  };
  ui.say('');
  return { raw: { ...asked }, secrets: { ...about.known, ...local.secrets, ...cloud.secrets } };
}

function cloudName(cloud: NonNullable<AnswersInput['cloud']>): string {
  if (cloud.anthropic !== undefined && cloud.foundry !== undefined) return 'Anthropic or Microsoft';
  return cloud.anthropic === undefined ? 'Microsoft (Azure AI Foundry)' : 'Anthropic';
}

async function askFailover({ ui, earlier }: Interview, where: string): Promise<NonNullable<AnswersInput['failover']>> {
  ui.say('');
  ui.say('5/6  When LM Studio cannot answer, may the conversation go to the cloud?', 'strong');
  ui.say(`     It would send what you typed and the files in it to ${where}, and cost money.`);
  const answer = await ui.choose({
    message: 'Failover',
    choices: [
      { value: 'no', label: 'no, fail instead' },
      { value: 'yes', label: 'yes, send it to the cloud' },
    ],
    default: earlier?.failover.allowed === true ? 'yes' : 'no',
  });
  return { ...earlier?.failover, allowed: answer === 'yes' };
}

const optionLabels = {
  mise: 'mise with node 22 and python 3.12, for your projects',
  fullUpgrade: 'apt full-upgrade first',
  fail2ban: 'fail2ban: ban addresses after failed SSH logins',
  firewall: 'nftables: inbound from the local network only',
} as const;
type Option = keyof typeof optionLabels;

async function askOptions({ ui, earlier }: Interview): Promise<Pick<AnswersInput, 'system' | 'toolchain'>> {
  ui.say('');
  ui.say('6/6  Options', 'strong');
  const chosen = await ui.chooseMany<Option>({
    message: 'Space switches, Enter goes on',
    choices: (Object.keys(optionLabels) as Option[]).map((value) => ({ value, label: optionLabels[value] })),
    chosen: earlierOptions(earlier),
  });
  const timezone = earlier?.system.timezone;
  return {
    system: {
      ...(timezone === undefined ? {} : { timezone }),
      fullUpgrade: chosen.includes('fullUpgrade'),
      fail2ban: chosen.includes('fail2ban'),
      firewall: chosen.includes('firewall'),
    },
    toolchain: { ...earlier?.toolchain, mise: chosen.includes('mise') },
  };
}

function earlierOptions(earlier: Answers | undefined): readonly Option[] {
  if (earlier === undefined) return ['mise'];
  const { system, toolchain } = earlier;
  const set: Record<Option, boolean> = { mise: toolchain.mise, fullUpgrade: system.fullUpgrade, fail2ban: system.fail2ban, firewall: system.firewall };
  return (Object.keys(set) as Option[]).filter((option) => set[option]);
}
