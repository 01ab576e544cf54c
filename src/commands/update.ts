import type { Context } from '../context.ts';
import { answeredImage } from '../update/candidate.ts';
import { type PartName, partNames } from '../update/decision.ts';
import { testedImage } from '../update/gateway.ts';
import { runningImage } from '../update/gateway-images.ts';
import { agreed } from './agreed.ts';
import { stoppedBy } from './apply.ts';
import { unknownWord } from './command-line.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { installed } from './installed.ts';
import { type Program, Refused } from './program.ts';
import { ensureSudo } from './secure-sudo.ts';
import { underLock } from './under-lock.ts';
import { type FoundPart, parts, type Surroundings } from './update-parts.ts';
import { tellCosts, tellEnd, tellLooks } from './update-teller.ts';
import { type PartEnd, type UpdateWork, withImage } from './update-work.ts';

/** Brings what is here up to date, each part tried before it is kept. `--check` only looks. */
export async function update(program: Program, words: readonly string[]): Promise<ExitCode> {
  const { ui, flags } = program;
  const names = chosenParts(words, flags.image);
  const saved = await installed(program);
  const around = await ui.busy('looking at what runs', surroundings(program, saved));
  const found = await ui.busy(
    'asking what is newest',
    Promise.all(names.map(async (name) => await parts[name](around))),
  );
  tellLooks(program, found);
  const pending = found.filter(({ bring }) => bring !== undefined);
  if (flags.check || flags.dryRun) return pending.length > 0 ? exitCodes.changesPending : codeOf(found);
  if (pending.length === 0) {
    ui.say(codeOf(found) === exitCodes.done ? 'Nothing to do.' : 'Nothing was changed.', 'strong');
    return codeOf(found);
  }
  if (!(await mayGoOn(program, pending))) return exitCodes.done;
  return await underLock(program, 'update', async (journal) => {
    const work = { program, journal, saved, present: around.present };
    return await program.signals.shield(async () => await bringAll(work, pending, codeOf(found)));
  });
}

function chosenParts(words: readonly string[], image: string | undefined): readonly PartName[] {
  const unknown = words.find((word) => !partNames.some((name) => name === word));
  if (unknown !== undefined) throw new Refused(exitCodes.usage, unknownWord('part', unknown, partNames));
  const chosen = partNames.filter((name) => words.length === 0 || words.includes(name));
  if (image === undefined || chosen.includes('gateway')) return chosen;
  throw new Refused(exitCodes.usage, {
    problem: `--image is about the gateway, not about ${chosen.join(', ')}`,
    fix: 'name that part, too:  claude-routing-install update gateway --image REF',
  });
}

async function surroundings(program: Program, saved: Context): Promise<Surroundings> {
  const running = await runningImage(program.host, program.layout);
  // What runs is what the other parts are about: to change the image is a part of its own.
  const present = running === undefined ? saved : withImage(saved, answeredImage(running, testedImage));
  return { program, present, running };
}

/** 1 where something could not be told, or must not be done. */
function codeOf(found: readonly FoundPart[]): ExitCode {
  return found.some(({ look }) => look.decision.status === 'stuck') ? exitCodes.stopped : exitCodes.done;
}

async function mayGoOn(program: Program, pending: readonly FoundPart[]): Promise<boolean> {
  tellCosts(program, pending);
  const problem = 'there is nobody to agree to this: standard input is not a terminal';
  if (!(await agreed(program, { problem, no: 'no, change nothing' }))) {
    program.ui.say('Nothing was changed.');
    return false;
  }
  if (pending.some(({ needsSudo }) => needsSudo)) await ensureSudo(program);
  return true;
}

/** A part that fails does not keep the next ones from their turn; a person who asks to stop does. */
async function bringAll(work: UpdateWork, pending: readonly FoundPart[], before: ExitCode): Promise<ExitCode> {
  const started = performance.now();
  const ends: (readonly [PartName, PartEnd])[] = [];
  for (const { look, bring } of pending) {
    if (bring === undefined || work.program.signals.received() !== undefined) break;
    ends.push([look.part, await bring(work)]);
  }
  tellEnd(work.program, ends, performance.now() - started);
  if (work.program.signals.received() !== undefined) return stoppedBy(work.program);
  return ends.some(([, { status }]) => status === 'failed') ? exitCodes.stopped : before;
}
