import type { Compared, DriftState } from '../engine/drift.ts';
import type { Line } from '../ui/wording.ts';
import { moment } from './figures.ts';
import type { DriftFacts } from './report.ts';

const stateWords: Readonly<Record<DriftState, string>> = {
  'as-wanted': 'as written and wanted',
  'changed-here': 'changed here since it was written',
  'wanted-otherwise': 'wanted otherwise now: the answers or this program changed',
  both: 'changed here since it was written, and wanted otherwise now',
  missing: 'missing',
  extra: 'should not be there',
  'mode-differs': 'has another mode',
  'never-written': 'another file stands there, not written by this program',
  'not-as-wanted': 'not as wanted',
  unknown: 'cannot be told',
};

/** How many are as wanted, in a few words. */
export function countWords({ asWanted, objects }: DriftFacts): string {
  const others = objects.filter(({ state }) => state !== 'as-wanted');
  const unknown = others.filter(({ state }) => state === 'unknown').length;
  const differ = others.length - unknown;
  if (others.length === 0) return `everything is as wanted: ${asWanted} files and objects`;
  const counts = [
    ...(differ === 0 ? [] : [`${differ} not as wanted`]),
    ...(unknown === 0 ? [] : [`${unknown} cannot be told`]),
  ];
  return `${counts.join(', ')}; ${asWanted} files and objects as wanted`;
}

/** What differs, each with its three versions; with `all` also what does not. */
export function driftLines({ objects }: DriftFacts, all: boolean): readonly Line[] {
  return objects.filter(({ state }) => all || state !== 'as-wanted').flatMap(lines);
}

function lines(compared: Compared): readonly Line[] {
  const { title, state, path, changedAt, note } = compared;
  if (state === 'as-wanted') return [{ text: `  ${title}: as wanted`, tone: 'dim' }];
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
