import { newerAnswers } from '../config/answers-file.ts';
import { newerProblem } from '../config/newer.ts';
import { savedRaw } from '../config/saved.ts';
import { readActionLog } from '../engine/action-log.ts';
import { journalFormat } from '../engine/journal.ts';
import type { Problem } from '../problem.ts';
import { notePath, noteProblem } from '../uninstall/baseline.ts';
import { exitCodes } from './exit-codes.ts';
import { type Program, Refused } from './program.ts';

/** Refuses to work on records that a newer version of this program wrote, or that are none of its own: they stay as they are. */
export async function requireKnownFormats({ host, layout }: Program): Promise<void> {
  const read = async (path: string) => await host.readFile(path).catch(() => undefined);
  const [answers, note, journal, stamp, sentinel] = await Promise.all(
    [layout.savedAnswers, notePath(layout), layout.journal, layout.proofStamp, layout.sentinelState].map(read),
  );
  const problems: readonly (Problem | undefined)[] = [
    newerAnswers(layout.savedAnswers, savedRaw(answers)),
    noteProblem(notePath(layout), note),
    newerJournal(layout.journal, journal),
    newerStamp(layout.proofStamp, stamp),
    newerStamp(layout.sentinelState, sentinel),
  ];
  const found = problems.flatMap((problem) => problem ?? []);
  if (found.length > 0) throw new Refused(exitCodes.preconditionNotMet, ...found);
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
