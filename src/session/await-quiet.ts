import { setTimeout as pause } from 'node:timers/promises';
import { type AtWork, whoIsAtWork } from '../engine/at-work.ts';
import { clearLeftLock, lockHolder } from '../host/lock.ts';
import { exitCodes } from './exit-codes.ts';
import { type Program, Refused } from './program.ts';

/** A full upgrade on a slow machine takes long; if it takes longer than this, it is stuck. */
const longestMs = 30 * 60_000;
const everyMs = 1000;

/**
 * Waits until nobody changes this machine any more, saying who does. What is seen meanwhile is half of something: a
 * package that is just being set up looks like one that is broken. Refused when it takes longer than half an hour. The
 * lock of a run that is gone goes, too: a command that finds nothing to do would leave it for ever.
 */
export async function awaitQuiet(program: Program): Promise<void> {
  const { ui, layout } = program;
  const lock = program.onDisk(layout.lockFile);
  // Another run of this program is reported at once, because of the lock.
  if ((await lockHolder(lock)) !== undefined) return;
  const first = await atWork(program);
  if (first === undefined) return await clearLeftLock(lock);
  ui.say(`Waiting for ${wordsFor(first)}. Ctrl-C stops waiting; nothing has been changed yet.`, 'warning');
  await ui.busy(`waiting for ${first.name} (process ${first.pid})`, untilQuiet(program));
  await clearLeftLock(lock);
}

/** Who changes this machine now; undefined when nobody does. */
export async function atWork({ host, layout, run }: Program): Promise<AtWork | undefined> {
  return await whoIsAtWork(host, layout, run);
}

/** Who is at work, in the middle of a sentence. */
function wordsFor({ name, pid, what }: AtWork): string {
  return `${name} (process ${pid}), which ${what}`;
}

async function untilQuiet(program: Program): Promise<void> {
  for (const deadline = Date.now() + longestMs; ; await pause(everyMs)) {
    const still = await atWork(program);
    if (still === undefined) return;
    if (Date.now() > deadline)
      throw new Refused(exitCodes.preconditionNotMet, {
        code: 'another-run',
        problem: `after half an hour this machine is still being changed by ${wordsFor(still)}`,
        fix: `see what it does:  ps -fp ${still.pid}   and run this again when it is done`,
      });
  }
}
