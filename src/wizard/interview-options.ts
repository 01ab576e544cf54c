import { atCeilings } from '../config/money.ts';
import { sealed as sealedFolders } from '../config/rules.ts';
import { type Answers, type AnswersInput, hasCeiling, type StandInKind, standIns } from '../config/schema.ts';
import { given } from '../text/json.ts';
import type { LocalInterviewed } from './local-model/interview-local.ts';
import { askQueue, askServers, isQueueOpen } from './local-model/interview-servers.ts';
import { type Asking, listed } from './questions.ts';

const options = {
  servers: { label: 'further servers', detail: 'of the same model, by their addresses' },
  queue: { label: 'queue', detail: 'how many requests a local server gets at once' },
  'other-cloud': {
    label: 'other cloud as stand-in',
    detail: 'when one cannot answer; it gets the turn and costs money',
  },
  local: { label: 'local model as stand-in', detail: 'when a cloud cannot answer, before you see its error' },
  ceiling: { label: 'ceiling', detail: 'the most that the clouds may cost in a day' },
  sealed: { label: 'sealed folders', detail: 'what stands in them never goes to a cloud' },
  mise: { label: 'mise', detail: 'node 22 and python 3.12 for your own projects' },
  statusLine: { label: 'status line', detail: 'Claude Code shows which model answered last' },
  sentinel: { label: 'sentinel', detail: 'after an update, test both routes and report a failure' },
  fullUpgrade: { label: 'full-upgrade', detail: 'bring every Debian package up to date first' },
  fail2ban: { label: 'fail2ban', detail: 'ban addresses after repeated failed SSH logins' },
  firewall: { label: 'nftables', detail: 'inbound connections from the local network only' },
} as const;
type Option = keyof typeof options;

export type OptionsInterviewed = Required<Pick<AnswersInput, 'system' | 'toolchain' | 'launchers'>> & {
  /** Who answers when a cloud cannot, in this order. */
  readonly whenCloudFails: StandInKind[];
  /** Undefined where there was no ceiling and is none. */
  readonly spending: AnswersInput['spending'];
  /** Folders whose text never goes to a cloud. */
  readonly sealed: readonly string[];
  readonly localModel: Pick<AnswersInput['localModel'], 'moreAddresses' | 'parallel'>;
};

/** The options, all in one question. */
export async function askOptions(
  asking: Asking,
  cloud: NonNullable<AnswersInput['cloud']>,
  local: LocalInterviewed,
): Promise<OptionsInterviewed> {
  const { ui, earlier, questions } = asking;
  const possible = possibleOptions(cloud, isQueueOpen(asking, local));
  questions.begin('What else?');
  const chosen = await ui.chooseMany<Option>({
    id: 'options',
    message: 'Options',
    choices: possible.map((value) => ({ value, ...options[value], ...miseTools(value, earlier) })),
    chosen: earlierOptions(earlier),
  });
  const moreAddresses = chosen.includes('servers') ? await askServers(asking, local) : [];
  const parallel = chosen.includes('queue') ? await askQueue(asking, local) : undefined;
  const spending = chosen.includes('ceiling') ? await askCeiling(asking) : undefined;
  const known = earlier?.routing.sealed ?? [];
  const sealed = chosen.includes('sealed') ? await askSealed(asking, known) : possible.includes('sealed') ? [] : known;
  return { ...withOptions(earlier, chosen), spending, sealed, localModel: ofLocal(moreAddresses, parallel) };
}

/** The same without a question: as before, or the default. */
export function keptOptions(
  earlier: Answers | undefined,
  cloud: NonNullable<AnswersInput['cloud']>,
): OptionsInterviewed {
  const chosen = keptChoices(earlier, cloud);
  const spending = chosen.includes('ceiling') ? earlier?.spending : undefined;
  const { moreAddresses = [], parallel } = earlier?.localModel ?? {};
  const localModel = ofLocal(moreAddresses, parallel);
  return { ...withOptions(earlier, chosen), spending, sealed: earlier?.routing.sealed ?? [], localModel };
}

function ofLocal(
  moreAddresses: readonly string[],
  parallel: AnswersInput['localModel']['parallel'],
): OptionsInterviewed['localModel'] {
  return { ...(moreAddresses.length === 0 ? {} : { moreAddresses: [...moreAddresses] }), ...given({ parallel }) };
}

/** Their labels. */
export function keptOptionWords(
  earlier: Answers | undefined,
  cloud: NonNullable<AnswersInput['cloud']>,
): readonly string[] {
  return keptChoices(earlier, cloud).map((option) => options[option].label);
}

function keptChoices(earlier: Answers | undefined, cloud: NonNullable<AnswersInput['cloud']>): readonly Option[] {
  const possible = possibleOptions(cloud, true);
  return earlierOptions(earlier).filter((option) => possible.includes(option));
}

function possibleOptions(
  { anthropic, foundry }: NonNullable<AnswersInput['cloud']>,
  queue: boolean,
): readonly Option[] {
  const clouds = [anthropic, foundry].filter((cloud) => cloud !== undefined).length;
  const possible: Partial<Record<Option, boolean>> = {
    queue,
    'other-cloud': clouds > 1,
    local: clouds > 0,
    ceiling: clouds > 0,
    sealed: clouds > 0,
  };
  return (Object.keys(options) as Option[]).filter((option) => possible[option] ?? true);
}

function withOptions(
  earlier: Answers | undefined,
  chosen: readonly Option[],
): Omit<OptionsInterviewed, 'spending' | 'sealed' | 'localModel'> {
  return {
    system: {
      fullUpgrade: chosen.includes('fullUpgrade'),
      fail2ban: chosen.includes('fail2ban'),
      firewall: chosen.includes('firewall'),
    },
    toolchain: { mise: chosen.includes('mise') },
    launchers: { statusLine: chosen.includes('statusLine'), sentinel: chosen.includes('sentinel') },
    whenCloudFails: inOrder(earlier).filter((kind) => chosen.includes(kind)),
  };
}

/** How much a day, and what happens then; a month's ceiling that was given stays. */
async function askCeiling({ ui, earlier }: Asking): Promise<NonNullable<AnswersInput['spending']>> {
  const before = earlier?.spending;
  const typed = await ui.askText({
    id: 'ceiling',
    message: 'Maximum dollars a day',
    default: String(before?.perDay ?? 10),
    problem: (text) =>
      Number(text) > 0 && Number(text) < 1e9 ? undefined : 'must be a number of dollars, like 10 or 2.50',
  });
  const atCeiling = await ui.choose({
    id: 'at-ceiling',
    message: 'What then?',
    choices: atCeilings.map((value) => ({ value, ...thenWords[value] })),
    default: before?.atCeiling ?? 'refuse',
  });
  return { ...(before?.perMonth === undefined ? {} : { perMonth: before.perMonth }), perDay: Number(typed), atCeiling };
}

/** Which folders: the gateway gets to read them, which is said before they are named. */
async function askSealed({ ui }: Asking, known: readonly string[]): Promise<readonly string[]> {
  ui.say(
    '     The gateway gets to read these folders. A conversation with some of their text is answered by the local model.',
  );
  const typed = await ui.askText({
    id: 'sealed-folders',
    message: 'Sealed folders',
    ...(known.length === 0 ? {} : { default: known.join(', ') }),
    problem: (text) => {
      const read = sealedFolders.safeParse(listed(text));
      if (listed(text).length === 0) return 'type folders like ~/clients/private, with commas between them';
      return read.success ? undefined : `each ${read.error.issues[0]?.message}`;
    },
  });
  return sealedFolders.parse(listed(typed));
}

const thenWords = {
  refuse: { label: 'refuse', detail: 'cloud models say that the ceiling is reached, until tomorrow' },
  local: { label: 'local model', detail: 'it answers in their place, until tomorrow' },
} as const;

/** As it was before, and the other cloud first where nobody said so. */
function inOrder(earlier: Answers | undefined): readonly StandInKind[] {
  const before = earlier?.failover.whenCloudFails ?? [];
  return [...before, ...standIns.filter((kind) => !before.includes(kind))];
}

function miseTools(option: Option, earlier: Answers | undefined): { readonly detail?: string } {
  if (option !== 'mise' || earlier === undefined) return {};
  return { detail: `${earlier.toolchain.tools.join(' and ').replaceAll('@', ' ')} for your own projects` };
}

function earlierOptions(earlier: Answers | undefined): readonly Option[] {
  if (earlier === undefined) return ['mise'];
  const { system, toolchain, launchers, failover, routing, localModel } = earlier;
  const set: Record<Option, boolean> = {
    servers: (localModel.moreAddresses ?? []).length > 0,
    queue: localModel.parallel !== undefined,
    'other-cloud': failover.whenCloudFails.includes('other-cloud'),
    local: failover.whenCloudFails.includes('local'),
    ceiling: hasCeiling(earlier),
    sealed: routing.sealed.length > 0,
    mise: toolchain.mise,
    statusLine: launchers.statusLine,
    sentinel: launchers.sentinel,
    fullUpgrade: system.fullUpgrade,
    fail2ban: system.fail2ban,
    firewall: system.firewall,
  };
  return (Object.keys(set) as Option[]).filter((option) => set[option]);
}
