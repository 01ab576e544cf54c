import type { Compared, DriftState } from '../engine/drift.ts';
import { counted } from '../text/counted.ts';
import { moment } from '../text/local-time.ts';
import type { Tone } from '../ui/ui.ts';
import type { Line } from '../ui/wording.ts';
import {
  type DriftFacts,
  isUnknown,
  type Looked,
  type ProvenFacts,
  type SentinelFacts,
  type StatusReport,
} from './report.ts';

/** A fact on the screen: what it is about, and what is so. */
export type Row = readonly [name: string, value: string, tone?: Tone];

/** A row that either tells the facts or why there are none. */
export function row<Facts extends object>(name: string, looked: Looked<Facts>, words: (facts: Facts) => string): Row {
  if (isUnknown(looked)) return [name, `${looked.problem.replace(/\.$/, '')}. Fix: ${looked.fix}`, 'bad'];
  return [name, words(looked)];
}

/** When everything was last proven, with what, and what has changed since. */
export function proofWords({ at, claudeCode, image, changedSince }: ProvenFacts): Row {
  const name = 'last proven';
  if (at === null) return [name, 'never, or something was changed since. Prove it:  claude-routing-install'];
  const versions = [
    ...(claudeCode === null ? [] : [`Claude Code ${claudeCode}`]),
    ...(image === null ? [] : [`image ${image}`]),
  ];
  const how = versions.length === 0 ? '' : ` with ${versions.join(' and ')}`;
  if (changedSince.length === 0) return [name, `${moment(at)}${how}`];
  return [name, `${moment(at)}${how}; changed since: ${changedSince.join(', ')}`, 'warning'];
}

/** The compat sentinel in a line. */
export function sentinelWords({ chosen, timer, found }: SentinelFacts): Row {
  const name = 'sentinel';
  if (chosen === null) return [name, 'unknown without the answers'];
  if (!chosen) return [name, 'not chosen'];
  if (timer !== null && isUnknown(timer)) return row(name, timer, () => '');
  const watching = timer?.active === true ? 'watching' : 'its timer is not running';
  const tone = timer?.active === true ? 'plain' : 'warning';
  if (found === null) return [name, `${watching}; nothing new to prove since the last proof`, tone];
  const words = {
    ok: `proven ${moment(found.at)}`,
    failed: `failed ${moment(found.at)}: ${found.reason}. Find the cause:  claude-routing-install doctor`,
    untried: `could not try what is new, ${moment(found.at)}: ${found.reason}`,
  } as const;
  return [name, `${watching}; ${words[found.result]}`, found.result === 'failed' ? 'bad' : tone];
}

/** Who changes this machine at the moment; nothing where nobody does. */
export function workRows({ atWork }: Pick<StatusReport, 'atWork'>): readonly Row[] {
  if (atWork === null) return [];
  const { name, pid, what } = atWork;
  return [['at work', `${name} (process ${pid}), which ${what}: what differs may be half finished`, 'warning']];
}

/** The last run of the program, and whether one is under way. */
export function runWords({ lastRun, underWay }: Pick<StatusReport, 'lastRun' | 'underWay'>): Row {
  const name = 'last run';
  if (underWay !== null) return [name, `another run is under way (process ${underWay})`, 'warning'];
  if (lastRun === null) return [name, 'none in the journal'];
  const { command, version, began, exitCode, actions } = lastRun;
  const by = version === null ? '' : ` (${version})`;
  const ended = exitCode === null ? 'was cut off' : exitCode === 0 ? 'ended well' : `ended with exit code ${exitCode}`;
  const tone = exitCode === 0 ? 'plain' : 'warning';
  return [name, `${command ?? 'a run'}${by} ${moment(began)}, ${counted(actions, 'action')}, ${ended}`, tone];
}

const stateWords: Readonly<Record<DriftState, string>> = {
  'as-wanted': 'as written, and as it should be',
  'changed-here': 'changed here since it was written',
  'wanted-otherwise': 'should be different now: the answers or this program changed',
  both: 'changed here since it was written, and should be different now',
  missing: 'missing',
  extra: 'should not be there',
  'mode-differs': 'has a different mode',
  'never-written': 'another file stands there, not written by this program',
  'not-as-wanted': 'not as it should be',
  unknown: 'unknown',
};

/** How many are as wanted, in a few words. */
export function countWords({ asWanted, objects }: DriftFacts): string {
  const others = objects.filter(({ state }) => state !== 'as-wanted');
  const unknown = others.filter(({ state }) => state === 'unknown').length;
  const differ = others.length - unknown;
  if (others.length === 0) return `everything is as it should be: ${asWanted} files and objects`;
  const counts = [
    ...(differ === 0 ? [] : [`${differ} not as they should be`]),
    ...(unknown === 0 ? [] : [`${unknown} unknown`]),
  ];
  return `${counts.join(', ')}; ${asWanted} files and objects as they should be`;
}

/** What differs, each with its three versions; with `all` also what does not. */
export function driftLines({ objects }: DriftFacts, all: boolean): readonly Line[] {
  return objects.filter(({ state }) => all || state !== 'as-wanted').flatMap(lines);
}

function lines(compared: Compared): readonly Line[] {
  const { title, state, path, changedAt, note } = compared;
  if (state === 'as-wanted') return [{ text: `  ${title}: as it should be`, tone: 'dim' }];
  const when = changedAt === undefined || state === 'wanted-otherwise' ? '' : `, ${moment(changedAt)}`;
  const columns = (['written', 'now', 'wanted'] as const).flatMap((column) =>
    compared[column] === undefined ? [] : [`${column} ${compared[column]}`],
  );
  const under = [path, columns.join('   ')].filter((text) => text !== undefined && text !== '');
  const words = note ?? `${stateWords[state]}${when}`;
  return [
    { text: `  ${title}: ${words}`, tone: state === 'unknown' ? 'plain' : 'warning' },
    ...under.map((text): Line => ({ text: `     ${text}`, tone: 'dim' })),
  ];
}
