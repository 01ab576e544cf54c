import { type Journal, journalFormat, openJournal } from '../engine/journal.ts';
import { acquireLock, type Lock } from '../host/lock.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { requireKnownFormats } from './known-formats.ts';
import { type Program, Refused } from './program.ts';

/** Does work that no other run may do at the same time, its beginning and end in the journal. Refused while another run is under way. */
export async function underLock(
  program: Program,
  name: string,
  work: (journal: Journal) => Promise<ExitCode>,
): Promise<ExitCode> {
  await requireKnownFormats(program);
  // The first traces are whole or not there: a signal meanwhile is heard once they are.
  const { lock, journal } = await program.signals.shield(async () => await open(program, name));
  try {
    const exitCode = await work(journal);
    await journal.write({ ended: name, exitCode });
    return exitCode;
  } finally {
    await journal.close();
    await lock.release();
  }
}

async function open(program: Program, name: string): Promise<{ readonly lock: Lock; readonly journal: Journal }> {
  const { layout } = program;
  const lock = await acquireLock(program.onDisk(layout.lockFile));
  if ('heldBy' in lock)
    throw new Refused(exitCodes.locked, {
      code: 'another-run',
      problem: `another run of this program is under way (process ${lock.heldBy})`,
      fix: 'wait for it to end, then run this again',
    });
  try {
    const journal = await openJournal(program.onDisk(layout.journal), program.run);
    await journal.write({ began: name, version: PROGRAM_VERSION, format: journalFormat });
    return { lock, journal };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
