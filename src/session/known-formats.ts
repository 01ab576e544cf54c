import { notePath } from '../uninstall/baseline.ts';
import { exitCodes } from './exit-codes.ts';
import { type Program, Refused } from './program.ts';

/** Refuses to work on records that a newer version of this program wrote, or that are not its own: they stay unchanged. */
export async function requireKnownFormats({ host, layout }: Program): Promise<void> {
  const read = async (path: string) => await host.readFile(path).catch(() => undefined);
  const [answers, note, journal, stamp, sentinel] = await Promise.all(
    [layout.savedAnswers, notePath(layout), layout.journal, layout.proofStamp, layout.sentinelState].map(read),
  );
  // On a bare machine there is nothing to read, so nothing is loaded.
  if ([answers, note, journal, stamp, sentinel].every((text) => text === undefined)) return;
  const { newerRecords } = await import('./newer-records.ts');
  const found = newerRecords(layout, { answers, note, journal, stamp, sentinel });
  if (found.length > 0) throw new Refused(exitCodes.preconditionNotMet, ...found);
}
