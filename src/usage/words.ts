import { backendOfId } from '../components/gateway/models.ts';
import type { Cause } from '../components/gateway/request-log.ts';
import { counted } from '../text/counted.ts';
import { localDay, localMinute } from '../text/local-time.ts';
import { dim, type Line, plain, strong } from '../ui/wording.ts';
import { slowPrefillMs } from './request-usage.ts';
import type { Incident, Split, Totals, Usage, UsedBackend } from './usage.ts';

/** What belongs to the period and not to what happened in it. */
export interface UsagePeriod {
  readonly days: number;
  /** First and last day, `2026-11-23`. */
  readonly from: string;
  readonly to: string;
  /** `Europe/Berlin` */
  readonly timeZone: string;
  /** Lines of the log that could not be read, and lines of a later version. */
  readonly skipped: { readonly broken: number; readonly unknown: number };
}

/** So many of a list are told, the newest. */
const told = 10;

export const backendNames: Readonly<Record<UsedBackend, string>> = {
  local: 'local',
  anthropic: 'Claude API',
  foundry: 'Foundry',
  other: 'other',
};

/** After the name of what failed. */
const causeWords: Readonly<Record<Cause, string>> = {
  unreachable: 'could not be reached',
  timeout: 'did not answer in time',
  'rate-limited': 'had too many requests',
  'server-error': 'had an internal error',
  'too-long': 'cannot hold such a long prompt',
  image: 'cannot see the image',
  'no-credit': 'has no credit left',
  'refused-key': 'refused the key',
  'not-found': 'does not know the model',
  'broken-off': 'broke off',
  refused: 'was not asked: the session has to stay local',
  ceiling: 'was not asked: the spending ceiling is reached',
  'turned-away': 'was not asked: the gateway did not know the key',
  'bad-request': 'refused the request',
  cancelled: 'was cancelled by the client',
  other: 'failed for another reason',
};

/** The screen of `usage`. */
export function usageLines(usage: Usage, period: UsagePeriod): readonly Line[] {
  return [
    strong(headline(usage, period)),
    dim(`${period.from} to ${period.to}, days of ${period.timeZone}`),
    ...table(
      'By backend',
      usage.backends.map((row) => [backendNames[row.backend], backendWords(row)]),
    ),
    ...table(
      'By local server',
      usage.servers.map((row) => [row.server, serverWords(row)]),
    ),
    ...table(
      'By launcher',
      usage.launchers.map((row) => [row.launcher ?? 'without one', splitWords(row)]),
    ),
    ...table(
      'By rule',
      usage.rules.map((row) => [row.rule, splitWords(row)]),
    ),
    ...table(
      'By day',
      usage.days.map((row) => [row.day, row.requests === 0 ? 'nothing' : splitWords(row)]),
    ),
    ...savedLines(usage),
    ...newest('Failovers', usage.failovers, (one) => [minute(one.at), failoverWords(one)]),
    ...newest('Failed', usage.failures, (one) => [minute(one.at), failureWords(one)]),
    ...newest(`Slow to start: more than ${slowPrefillMs / 1000} s until the first word`, usage.slowPrefills, (one) => [
      minute(one.at),
      `${Math.round(one.firstMs / 1000)} s for ${tokens(one.promptTokens)} tokens${by(one.launcher)}`,
    ]),
    ...waitedLines(usage),
    ...trialLines(usage),
    ...skippedLines(period),
  ];
}

/** A period in one line. */
export function headline({ total, backends }: Usage, { days }: Pick<UsagePeriod, 'days'>): string {
  const when = days === 1 ? 'Today' : `Last ${days} days`;
  if (total.requests === 0) return `${when}: no request has gone through the gateway`;
  const local = backends.find(({ backend }) => backend === 'local')?.requestShare ?? 0;
  const failed = total.failed === 0 ? '' : `, ${total.failed} failed`;
  const paid = total.cost === 0 && total.unpriced === 0 ? '' : `, ${costWords(total)}`;
  return `${when}: ${counted(total.requests, 'request')}, ${percent(local)} local${paid}; ${changedSides(total)}${failed}`;
}

/** Shares are of everything that was answered: first of the requests, then of the tokens. */
function backendWords(row: Usage['backends'][number]): string {
  const cost = row.backend === 'local' ? '' : `, ${costWords(row)}`;
  const requests = `${counted(row.requests, 'request')} (${percent(row.requestShare)})`;
  return `${requests}, ${tokenWords(row)} (${percent(row.tokenShare)})${cost}`;
}

function serverWords(row: Split): string {
  const failed = row.failed === 0 ? '' : `, ${row.failed} failed`;
  return `${counted(row.requests, 'request')}, ${tokenWords(row)}${failed}`;
}

function splitWords(row: Split): string {
  const parts = [
    `${row.local.toLocaleString('en-US')} local`,
    `${row.cloud.toLocaleString('en-US')} cloud`,
    ...(row.failovers === 0 ? [] : [changedSides(row)]),
    ...(row.failed === 0 ? [] : [`${row.failed} failed`]),
    ...(row.cancelled === 0 ? [] : [`${row.cancelled} left`]),
  ];
  const paid = row.cost === 0 && row.unpriced === 0 ? '' : `, ${costWords(row)}`;
  return `${parts.join(', ')}; ${tokenWords(row)}${paid}`;
}

/** How many were answered by another one than the one that was to, and for how many of them a cloud was. */
function changedSides({ failovers, failoversFromCloud }: Split): string {
  const all = counted(failovers, 'failover');
  if (failoversFromCloud === 0) return all;
  return failoversFromCloud === failovers ? `${all} from a cloud` : `${all} (${failoversFromCloud} from a cloud)`;
}

function tokenWords({ promptTokens, outputTokens }: Totals): string {
  return `${tokens(promptTokens)} tokens in, ${tokens(outputTokens)} out`;
}

/** Never a sum that is not known: what is missing makes it the least that it was. */
export function costWords({ cost, unpriced }: Pick<Totals, 'cost' | 'unpriced'>): string {
  if (unpriced === 0) return cost > 0 && cost < 0.01 ? 'under $0.01' : `$${cost.toFixed(2)}`;
  return `${cost < 0.01 ? '' : `at least ${leastWords(cost)}, `}${unpriced} of unknown price`;
}

/** Dollars that it was at least: never rounded up. */
export function leastWords(cost: number): string {
  return `$${(Math.floor(cost * 100) / 100).toFixed(2)}`;
}

function savedLines({ saved }: Usage): readonly Line[] {
  return table(
    'Saved: what local answers would have cost at the price of',
    saved.map((row) => [deployment(row.replaced), `${counted(row.requests, 'request')}, ${costWords(row)}`]),
  );
}

/** In seconds; what took less is nothing that anybody noticed. */
function waitedLines({ waited: { requests, ms, longestMs } }: Usage): readonly Line[] {
  const [all, longest] = [ms, longestMs].map((one) => Math.round(one / 1000).toLocaleString('en-US'));
  if (longestMs < 1000) return [];
  const words = `${counted(requests, 'request')} for ${all} s, the longest ${longest} s`;
  return [plain(''), plain(`Waited for their turn at the local server: ${words}`)];
}

function trialLines({ trials }: Usage): readonly Line[] {
  if (trials.requests === 0) return [];
  const paid = trials.cost === 0 && trials.unpriced === 0 ? '' : `, ${costWords(trials)}`;
  return [plain(''), dim(`Not counted above: ${counted(trials.requests, 'request')} of drills and proofs${paid}`)];
}

function failoverWords(incident: Incident): string {
  return `${causeOf(incident)} → ${deployment(incident.to)}${by(incident.launcher)}`;
}

/** Who was to answer and did not, and why. */
export function causeOf({ from, cause }: Incident): string {
  return `${deployment(from)} ${causeWords[cause]}`;
}

/** Who failed, and why. */
export function failureWords({ to, asked, cause, launcher }: Incident): string {
  const name = to === null ? (asked ?? 'an unknown name') : deployment(to);
  return `${name} ${causeWords[cause]}${by(launcher)}`;
}

/** A deployment's id as people call it. */
export function deployment(id: string | null): string {
  const backend = backendOfId(id ?? undefined);
  const name = id?.slice(id.indexOf(':') + 1);
  if (backend === undefined || name === undefined) return id ?? 'nobody';
  return { local: 'local', anthropic: name, foundry: `foundry/${name}` }[backend];
}

function by(launcher: string | null): string {
  return launcher === null ? '' : `, ${launcher}`;
}

export function table(title: string, rows: readonly (readonly [string, string])[]): readonly Line[] {
  const width = Math.max(...rows.map(([label]) => label.length), 0);
  return rows.length === 0
    ? []
    : [plain(''), plain(title), ...rows.map(([label, words]) => plain(`  ${label.padEnd(width)}  ${words}`))];
}

function newest<One>(
  title: string,
  all: readonly One[],
  row: (one: One) => readonly [string, string],
): readonly Line[] {
  const more = all.length - told;
  const rest = more > 0 ? [dim(`  and ${more} earlier; all of them:  claude-routing-install usage --json`)] : [];
  return [...table(title, all.slice(-told).map(row)), ...rest];
}

function skippedLines({ skipped: { broken, unknown } }: UsagePeriod): readonly Line[] {
  return [
    ...(broken === 0 ? [] : [dim(`${counted(broken, 'line')} of the log could not be read`)]),
    ...(unknown === 0 ? [] : [dim(`${counted(unknown, 'line')} of the log come from a later version of this program`)]),
  ];
}

/** Never 0 % of something and never 100 % of almost everything. */
function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (share > 0 && rounded === 0) return 'under 1 %';
  return share < 1 && rounded === 100 ? 'over 99 %' : `${rounded} %`;
}

/** A number of tokens, short where it is long. */
export function tokens(count: number): string {
  if (count < 10_000) return count.toLocaleString('en-US');
  return count < 999_500 ? `${Math.round(count / 1000)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** `11-23 14:03` where the person is. */
function minute(at: string): string {
  const date = new Date(at);
  return `${localDay(date).slice(5)} ${localMinute(date)}`;
}
