import { failoverTarget, gatewayModels, mainModel } from '../components/gateway/models.ts';
import {
  busyGoesToCloudAfter,
  cloudMayBeReplaced,
  imagesGoToCloud,
  overflowGoesToCloud,
  profileOf,
  profileWords,
} from '../components/gateway/routing/profiles.ts';
import { ruleWords } from '../components/gateway/routing/rules.ts';
import { type Answers, localAddresses, type Profile } from '../config/schema.ts';
import { counted } from '../text/counted.ts';

/** The answers in a few lines, for a last look before anything is done: what it is about, and what was answered. */
export function answersSummary(answers: Answers): readonly (readonly [string, string])[] {
  return [
    ['local', localWords(answers)],
    ...queueRow(answers),
    ...wakeRow(answers),
    ['cloud', cloudWords(answers)],
    ['routed', routedWords(answers)],
    ...rulesWords(answers).map((words) => ['rules', words] as const),
    ['failover', failoverWords(answers)],
    ...standInWords(answers).map((words) => ['stand-ins', words] as const),
    ...sealedWords(answers).map((words) => ['sealed', words] as const),
    ...ceilingWords(answers).map((words) => ['ceiling', words] as const),
    ['options', optionWords(answers)],
  ];
}

function localWords({ localModel, launchers }: Answers): string {
  const { model = 'the model that is loaded', contextWindow, load } = localModel;
  const addresses = new Intl.ListFormat('en-GB').format(localAddresses(localModel));
  const window = contextWindow === undefined ? '' : `, ${contextWindow.toLocaleString('en-US')} tokens`;
  const tools = launchers.leanLocal ? 'core tools' : 'all tools';
  return `${model} at ${addresses}${window}${load ? ', to be loaded that way' : ''}; ${tools}`;
}

/** How many requests a local server gets at once, where that was chosen. */
function queueRow({ localModel: { parallel } }: Answers): readonly (readonly [string, string])[] {
  if (parallel === undefined) return [];
  return [
    [
      'queue',
      parallel === 'off'
        ? 'no limit'
        : `${counted(parallel, 'request')} at once for each local server; the others wait`,
    ],
  ];
}

/** Whether its machine is woken. */
function wakeRow({ localModel: { wake } }: Answers): readonly (readonly [string, string])[] {
  if (wake === undefined) return [];
  return [['wake', `${wake.mac} when it does not answer; requests wait ${wake.patience} s for it`]];
}

function cloudWords(answers: Answers): string {
  const { anthropic, foundry } = answers.cloud;
  const clouds = [
    ...(anthropic === undefined ? [] : ['Claude API']),
    ...(foundry === undefined ? [] : [`Azure AI Foundry (${foundry.resource})`]),
  ];
  if (clouds.length === 0) return 'none, local only';
  const main = mainModel(answers);
  const others = gatewayModels(answers).filter(
    ({ name, backend, aliasOf }) => backend.kind !== 'local' && aliasOf === undefined && name !== main,
  );
  const beside = others.length === 0 ? '' : `; also ${others.map(({ name }) => name).join(', ')}`;
  return `${clouds.join(' and ')}: ${main} as main model${beside}`;
}

/** What goes where in claude-routed; the other launchers are told by the failover. */
function routedWords(answers: Answers): string {
  const { label, goes } = profileWords[profileOf(answers)];
  return `${label}: ${goes}`;
}

/** How many rules of one's own there are, and the first one; nothing without any. */
function rulesWords({ routing: { rules } }: Answers): readonly string[] {
  const [first, ...others] = rules;
  if (first === undefined) return [];
  return [`${ruleWords(first)}${others.length === 0 ? '' : `, and ${others.length} more`}`];
}

function failoverWords(answers: Answers): string {
  const target = failoverTarget(answers);
  if (target === undefined) return 'none: the local model answers, or nothing does';
  const profile = profileOf(answers);
  const whole = answers.failover.allowed === true;
  const sent = [...(whole ? ["claude-local's conversations"] : []), ...fromRouted[profile]].join(' and ');
  if (sent === '') return 'none: the local model answers, or nothing does';
  const overflow = overflowGoesToCloud(answers) ? ', or the prompt is too long' : '';
  const images = imagesGoToCloud(answers) ? ', or a turn shows an image that the local model cannot see' : '';
  const busy = busyGoesToCloudAfter(answers);
  const waited = busy === undefined ? '' : `, or it has waited ${busy} s for its turn there`;
  return `${sent} to ${target} when the local model cannot answer${overflow}${images}${waited}; it costs money`;
}

/** The folders whose text stays; nothing without any. */
function sealedWords({ routing: { sealed } }: Answers): readonly string[] {
  return sealed.length === 0 ? [] : [`text of ${sealed.join(', ')} goes to no cloud; the gateway gets to read it`];
}

/** Who answers when a cloud cannot; nothing where nobody does. */
function standInWords(answers: Answers): readonly string[] {
  if (!cloudMayBeReplaced(answers)) return [];
  const { anthropic, foundry } = answers.cloud;
  const words = {
    'other-cloud': anthropic === undefined || foundry === undefined ? [] : ['the other cloud, which costs money there'],
    local: ['the local model'],
  };
  const order = answers.failover.whenCloudFails.flatMap((kind) => words[kind]);
  return [`when a cloud cannot answer: ${order.join(', then ')}`];
}

/** The most that the clouds may cost, and what happens then; nothing without a ceiling. */
function ceilingWords({ spending: { perDay, perMonth, atCeiling } }: Answers): readonly string[] {
  const dollars = (most: number | undefined, period: string) =>
    most === undefined ? [] : [`$${most.toFixed(2)} a ${period}`];
  const most = [...dollars(perDay, 'day'), ...dollars(perMonth, 'month')].join(' and ');
  const then = { refuse: 'cloud models are refused', local: 'the local model answers' }[atCeiling];
  return most === '' ? [] : [`${most} for the clouds; then ${then}`];
}

/** What of claude-routed may go past the local model once failover is agreed to. */
const fromRouted: Readonly<Record<Profile, readonly string[]>> = {
  'cloud-foreground': ["claude-routed's background work"],
  'local-subagents': ["claude-routed's subagents and background work"],
  'local-first': ['all of claude-routed'],
  offline: [],
};

function optionWords({ system, toolchain, launchers }: Answers): string {
  const chosen = [
    ...(toolchain.mise ? [`mise (${toolchain.tools.join(', ')})`] : []),
    ...(system.timezone === undefined ? [] : [`time zone ${system.timezone}`]),
    ...(system.fullUpgrade ? ['full-upgrade'] : []),
    ...(system.fail2ban ? ['fail2ban'] : []),
    ...(system.firewall ? ['nftables, local network only'] : []),
    ...(launchers.statusLine ? ['status line'] : []),
    ...(launchers.sentinel ? ['sentinel'] : []),
  ];
  return chosen.length === 0 ? 'none' : chosen.join(', ');
}
