import { newerAnswers } from '../config/answers-file.ts';
import { savedRaw } from '../config/saved.ts';
import { newerProblem } from '../config/version.ts';
import { readActionLog } from '../engine/action-log.ts';
import { journalFormat } from '../engine/journal.ts';
import type { Layout } from '../layout.ts';
import type { Problem } from '../problem.ts';
import { notePath, noteProblem } from '../uninstall/baseline.ts';

/** Each record as it was read; undefined where there is none. */
type Records = Readonly<Record<'answers' | 'note' | 'journal' | 'stamp' | 'sentinel', string | undefined>>;

/** Which of them a newer version of this program wrote, or nobody of it. */
export function newerRecords(layout: Layout, { answers, note, journal, stamp, sentinel }: Records): readonly Problem[] {
  const problems: readonly (Problem | undefined)[] = [
    newerAnswers(layout.savedAnswers, savedRaw(answers)),
    noteProblem(notePath(layout), note),
    newerJournal(layout.journal, journal),
    newerStamp(layout.proofStamp, stamp),
    newerStamp(layout.sentinelState, sentinel),
  ];
  return problems.flatMap((problem) => problem ?? []);
}

function newerJournal(path: string, text: string | undefined): Problem | undefined {
  const { runs } = readActionLog(text);
  const newest = runs.findLast(({ format = journalFormat }) => format > journalFormat);
  return newest === undefined ? undefined : newerProblem(path, newest.format, journalFormat, newest.version);
}

/** Stamps and findings of the sentinel have no version so far; a later form begins with one, e.g. `v2`. */
function newerStamp(path: string, text: string | undefined): Problem | undefined {
  const version = /^v(\d+) /.exec(text ?? '')?.[1];
  return version === undefined ? undefined : newerProblem(path, Number(version), 1);
}
