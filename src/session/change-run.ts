import { type Journal, journalFormat, openJournal } from '../engine/journal.ts';
import { acquireLock, type Lock } from '../host/lock.ts';
import type { Problem } from '../problem.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { requireKnownFormats } from './known-formats.ts';
import { type Program, Refused } from './program.ts';

/** Something that is agreed to, and how it is done. */
interface AgreedChange {
  /** What the journal calls it. */
  readonly name: string;
  /** Whether some of it needs root: then sudo is checked before the first change. */
  readonly needsRoot: boolean;
  /** Does it, under the lock. */
  readonly work: (journal: Journal) => Promise<ExitCode>;
  /** `work` begins with looks that a signal may end at once, and shields itself what changes something. */
  readonly shieldsItself?: boolean;
}

/** A change that was planned and is to be shown, agreed to and made. */
interface ProposedChange extends AgreedChange {
  /** What is sure to stop it; then it is refused without being shown or asked about. */
  readonly blockers?: readonly Problem[];
  /** Shows what would be done, or what it costs. */
  readonly show: () => void;
  /** Ends once it was shown. */
  readonly dryRun?: boolean | undefined;
  /** Refuses if something is missing that only the change itself needs. */
  readonly require?: () => Promise<void>;
  /** What the person is to do about it, behind "there is nobody to": `confirm the changes`. */
  readonly consent: string;
  /** The answer that is a no. */
  readonly no?: string;
  /** How the command ends after a no; done when absent. */
  readonly declined?: ExitCode;
}

/** The one way from a look to a change: show, ask, make sure of sudo, take the lock, do it; gives the exit code. */
export async function changeRun(program: Program, proposed: ProposedChange): Promise<ExitCode> {
  const { blockers = [], show, dryRun, require, declined = exitCodes.done } = proposed;
  if (blockers.length > 0) throw new Refused(exitCodes.preconditionNotMet, ...blockers);
  show();
  if (dryRun === true) return exitCodes.changesPending;
  await require?.();
  if (await agrees(program, proposed)) return await carryOut(program, proposed);
  return leaveAsItIs(program, declined);
}

/** What was agreed to already: sudo, lock, work. */
export async function carryOut(program: Program, change: AgreedChange): Promise<ExitCode> {
  const { name, needsRoot, work, shieldsItself } = change;
  if (needsRoot) await ensureSudo(program);
  return await underLock(program, name, async (journal) =>
    shieldsItself === true ? await work(journal) : await program.signals.shield(async () => await work(journal)),
  );
}

/** The person said no. */
export function leaveAsItIs({ ui }: Program, exitCode: ExitCode = exitCodes.done): ExitCode {
  ui.say('Nothing was changed.');
  return exitCode;
}

/** Off a terminal somebody else has to agree: by --yes. */
export function nobodyTo(consent: string, fix: string): Refused {
  const problem = `nobody can ${consent} here: standard input is not a terminal`;
  return new Refused(exitCodes.usage, { code: 'nobody-to-agree', problem, fix });
}

async function agrees({ yes, ui }: Program, { consent, no = 'no, change nothing' }: ProposedChange): Promise<boolean> {
  if (yes) return true;
  if (!ui.interactive) throw nobodyTo(consent, 'add  --yes  to agree to them');
  const choices = [
    { value: 'yes', label: 'yes' },
    { value: 'no', label: no },
  ] as const;
  return (await ui.choose({ message: 'Go on?', choices })) === 'yes';
}

/** Makes sure before the first change that none will stop to ask for a password; refuses if nobody may be asked. */
async function ensureSudo(program: Program): Promise<void> {
  const { ui, account } = program;
  const mayAsk = ui.interactive && !program.yes;
  if (mayAsk) ui.say('Some actions need root. sudo may ask for your password now, once.');
  if (await program.acquireSudo(mayAsk)) return;
  const allow = `echo '${account.user} ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/${account.user}`;
  if (mayAsk)
    throw new Refused(exitCodes.preconditionNotMet, {
      code: 'sudo-not-allowed',
      problem: `sudo did not let ${account.user}, or never remembers a password; nothing was changed`,
      fix: `as root, type  usermod -aG sudo ${account.user}  and log in again; where sudo asks each time (timestamp_timeout=0):  ${allow}`,
    });
  throw new Refused(exitCodes.preconditionNotMet, {
    code: 'sudo-needs-password',
    problem: 'sudo needs a password, and this run must not ask for one; nothing was changed',
    fix: `type  sudo -v  in this terminal first, or have an administrator allow it without a password:  ${allow}`,
  });
}

/** Does work that no other run may do at the same time, its beginning and end in the journal. Refused while another run is under way. */
async function underLock(
  program: Program,
  name: string,
  work: (journal: Journal) => Promise<ExitCode>,
): Promise<ExitCode> {
  await requireKnownFormats(program);
  // The first traces are complete or absent: a signal in between is handled once they are complete.
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
  const taken = await acquireLock(program.onDisk(layout.lockFile));
  if (!taken.ok)
    throw new Refused(exitCodes.locked, {
      code: 'another-run',
      problem: `another run of this program is under way (process ${taken.problem.heldBy})`,
      fix: 'wait for it to end, then run this again',
    });
  const lock = taken.value;
  try {
    const journal = await openJournal(program.onDisk(layout.journal), program.run);
    await journal.write({ began: name, version: PROGRAM_VERSION, format: journalFormat });
    return { lock, journal };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
