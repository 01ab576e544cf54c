import type { Compared, DriftState } from '../engine/drift.ts';
import { moment } from '../text/local-time.ts';
import type { Line } from '../ui/wording.ts';
import type { DriftFacts } from './report.ts';

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
