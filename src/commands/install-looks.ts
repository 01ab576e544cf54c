import { accountFinding, findUserBus, lookAtMachine, spaceFinding, startFinding } from '../checks/machine.ts';
import type { Effect } from '../host/host.ts';
import { atWork, awaitQuiet } from '../session/await-quiet.ts';
import { exitCodes } from '../session/exit-codes.ts';
import { requireKnownFormats } from '../session/known-formats.ts';
import { ownAddresses, type Program, Refused, refuseOn } from '../session/program.ts';
import { noteBefore } from '../uninstall/baseline.ts';

/** Refuses an unsuitable machine; says nothing otherwise. A machine that somebody is changing is not judged. */
export async function refuseUnfit(program: Program): Promise<void> {
  if ((await atWork(program)) === undefined) await fitMachine(program);
}

/** Waits until nobody else changes this machine, and tells what it is. Gives the note of what was there before, as `noteBefore` does. */
export async function lookBefore(program: Program): Promise<Effect | undefined> {
  await awaitQuiet(program);
  program.ui.say(await fitMachine(program), 'dim');
  // Before anything that leaves a trace: the first sudo makes a file, the lock and the journal make folders.
  const before = await noteBefore(program.host, program.layout);
  if (!before.ok) throw new Refused(exitCodes.preconditionNotMet, before.problem);
  return before.value;
}

/** What this machine is, in a line; an unsuitable one is refused. */
async function fitMachine(program: Program): Promise<string> {
  const { account, host, layout, environment, platform } = program;
  const found = await lookAtMachine(host, account.home, platform);
  const returning = (await host.stat(layout.savedAnswers)) !== undefined;
  refuseOn(found.supported);
  const { link: home = account.home } = (await host.stat(account.home)) ?? {};
  const binDir = layout.binDir.replace(account.home, home);
  const starts = startFinding(binDir, (await host.readFile('/proc/mounts').catch(() => undefined)) ?? '');
  refuseOn(accountFinding(account.uid, environment['SUDO_USER']), spaceFinding(found, returning), starts);
  refuseOn(await findUserBus(host, layout, ownAddresses()[0] ?? 'THIS-HOST'));
  await requireKnownFormats(program);
  const [free, memory] = [found.freeGigabytes, found.memoryGigabytes].map((gigabytes) => gigabytes ?? '?');
  return `${found.system}, ${free} GB free, ${memory} GB memory, user bus available`;
}
