import { type Answers, type AnswersInput, type StandInKind, standIns } from '../config/schema.ts';
import { atCeilings } from '../config/values/money.ts';
import type { Asking } from './interview.ts';

const options = {
  'other-cloud': {
    label: 'other cloud as stand-in',
    detail: 'when one cannot answer; it gets the turn and costs money',
  },
  local: { label: 'local model as stand-in', detail: 'when a cloud cannot answer, before you see its error' },
  ceiling: { label: 'ceiling', detail: 'the most that the clouds may cost in a day' },
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
};

/** What can be had beside, all of it at once. */
export async function askOptions(
  asking: Asking,
  cloud: NonNullable<AnswersInput['cloud']>,
): Promise<OptionsInterviewed> {
  const { ui, earlier, questions } = asking;
  questions.begin('What else?');
  const chosen = await ui.chooseMany<Option>({
    id: 'options',
    message: 'Options',
    choices: possibleOptions(cloud).map((value) => ({ value, ...options[value], ...miseTools(value, earlier) })),
    chosen: earlierOptions(earlier),
  });
  return withOptions(earlier, chosen, chosen.includes('ceiling') ? await askCeiling(asking) : undefined);
}

/** The same without a question: as it was before, or as usual. */
export function keptOptions(
  earlier: Answers | undefined,
  cloud: NonNullable<AnswersInput['cloud']>,
): OptionsInterviewed {
  const chosen = keptChoices(earlier, cloud);
  return withOptions(earlier, chosen, chosen.includes('ceiling') ? earlier?.spending : undefined);
}

/** Their labels. */
export function keptOptionWords(
  earlier: Answers | undefined,
  cloud: NonNullable<AnswersInput['cloud']>,
): readonly string[] {
  return keptChoices(earlier, cloud).map((option) => options[option].label);
}

function keptChoices(earlier: Answers | undefined, cloud: NonNullable<AnswersInput['cloud']>): readonly Option[] {
  const possible = possibleOptions(cloud);
  return earlierOptions(earlier).filter((option) => possible.includes(option));
}

function possibleOptions({ anthropic, foundry }: NonNullable<AnswersInput['cloud']>): readonly Option[] {
  const clouds = [anthropic, foundry].filter((cloud) => cloud !== undefined).length;
  const possible: Partial<Record<Option, boolean>> = {
    'other-cloud': clouds > 1,
    local: clouds > 0,
    ceiling: clouds > 0,
  };
  return (Object.keys(options) as Option[]).filter((option) => possible[option] ?? true);
}

function withOptions(
  earlier: Answers | undefined,
  chosen: readonly Option[],
  spending: AnswersInput['spending'],
): OptionsInterviewed {
  return {
    system: {
      fullUpgrade: chosen.includes('fullUpgrade'),
      fail2ban: chosen.includes('fail2ban'),
      firewall: chosen.includes('firewall'),
    },
    toolchain: { mise: chosen.includes('mise') },
    launchers: { statusLine: chosen.includes('statusLine'), sentinel: chosen.includes('sentinel') },
    whenCloudFails: inOrder(earlier).filter((kind) => chosen.includes(kind)),
    spending,
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
  const { system, toolchain, launchers, failover, spending } = earlier;
  const set: Record<Option, boolean> = {
    'other-cloud': failover.whenCloudFails.includes('other-cloud'),
    local: failover.whenCloudFails.includes('local'),
    ceiling: spending.perDay !== undefined || spending.perMonth !== undefined,
    mise: toolchain.mise,
    statusLine: launchers.statusLine,
    sentinel: launchers.sentinel,
    fullUpgrade: system.fullUpgrade,
    fail2ban: system.fail2ban,
    firewall: system.firewall,
  };
  return (Object.keys(set) as Option[]).filter((option) => set[option]);
}
