import { knownWord, wrongUse } from '../command-line/usage-problems.ts';
import { answeredImage, testedImage } from '../components/gateway/upgrade/candidate.ts';
import { runningImage } from '../components/gateway/upgrade/images.ts';
import type { Context } from '../context.ts';
import { type PartName, partNames } from '../engine/part-decision.ts';
import { type Problem, problemOf } from '../problem.ts';
import { changeRun } from '../session/change-run.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { installed } from '../session/load-installation.ts';
import { type Program, tellProblems } from '../session/program.ts';
import { stoppedBy } from '../session/walk-steps.ts';
import { duration } from '../ui/wording.ts';
import { type FoundPart, parts, type Surroundings } from '../update/update-parts.ts';
import { type PartEnd, type UpdateWork, withImage } from '../update/update-work.ts';

interface UpdateOptions {
  /** Only looks. */
  readonly check?: boolean;
  readonly dryRun?: boolean;
  /** The gateway image to move to; the one that this release was tested with when absent. */
  readonly image?: string;
}

/** Brings what is here up to date, each part tried before it is kept. `--check` only looks. */
export async function update(
  program: Program,
  words: readonly string[],
  { check, dryRun, image }: UpdateOptions,
): Promise<ExitCode> {
  const { ui } = program;
  const names = chosenParts(words, image);
  const saved = await installed(program);
  const around = await ui.busy('looking at what runs', surroundings(program, saved, image));
  const found = await ui.busy(
    'asking what is newest',
    Promise.all(names.map(async (name) => await parts[name](around))),
  );
  tellLooks(program, found);
  const pending = found.filter(({ bring }) => bring !== undefined);
  if (check === true || dryRun === true) return pending.length > 0 ? exitCodes.changesPending : codeOf(found);
  if (pending.length === 0) {
    ui.say(codeOf(found) === exitCodes.done ? 'Nothing to do.' : 'Nothing was changed.', 'strong');
    return codeOf(found);
  }
  return await changeRun(program, {
    name: 'update',
    needsRoot: pending.some(({ needsSudo }) => needsSudo),
    show: () => tellCosts(program, pending),
    consent: 'agree to this',
    work: async (journal) =>
      await bringAll({ program, journal, saved, present: around.present }, pending, codeOf(found)),
  });
}

function chosenParts(words: readonly string[], image: string | undefined): readonly PartName[] {
  for (const word of words) knownWord('part', word, partNames);
  const chosen = partNames.filter((name) => words.length === 0 || words.includes(name));
  if (image === undefined || chosen.includes('gateway')) return chosen;
  throw wrongUse({
    code: 'option-unknown',
    problem: `--image is for the gateway, not for ${chosen.join(', ')}`,
    fix: 'name that part, too:  claude-routing-install update gateway --image REF',
  });
}

async function surroundings(program: Program, saved: Context, image: string | undefined): Promise<Surroundings> {
  const running = await runningImage(program.host, program.layout);
  // The other parts are about the image that runs; changing it is a part of its own.
  const present = running === undefined ? saved : withImage(saved, answeredImage(running, testedImage));
  return { program, present, running, image };
}

/** 1 where something could not be told, or must not be done. */
function codeOf(found: readonly FoundPart[]): ExitCode {
  return found.some(({ look }) => look.decision.status === 'stuck') ? exitCodes.stopped : exitCodes.done;
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

const tones = { current: 'plain', pending: 'strong', stuck: 'bad' } as const;

/** What runs, what is newest and what would be done: a line for each part, or an object per line for programs. */
function tellLooks(program: Program, found: readonly FoundPart[]): void {
  for (const { look } of found) {
    const { part, runs, newest, decision } = look;
    const { status } = decision;
    program.ui.result('part', { part, status, runs, newest, ...wordsOf(decision) }, () => tellLook(program, look));
  }
}

function tellLook(program: Program, { part, runs, newest, decision }: FoundPart['look']): void {
  const newestWords = newest === '' ? '' : `, newest ${newest}`;
  const does = decision.status === 'stuck' ? 'cannot go on' : (wordsOf(decision).note ?? wordsOf(decision).does);
  program.ui.say(`  ${part.padEnd(13)}${runs}${newestWords}: ${does}`, tones[decision.status]);
  if (decision.status === 'stuck') tellProblems(program.ui, [decision]);
  else if (decision.warning !== undefined) tellProblems(program.ui, [decision.warning], 'warning');
}

type Words = { readonly note?: string; readonly does?: string } & Partial<Problem>;

function wordsOf(decision: FoundPart['look']['decision']): Words {
  if (decision.status === 'stuck') return problemOf(decision);
  const words = decision.status === 'current' ? { note: decision.note } : { does: decision.does };
  return { ...words, ...decision.warning };
}

/** What is going to be tried, and what it costs. */
function tellCosts(program: Program, pending: readonly FoundPart[]): void {
  program.ui.say('');
  for (const line of pending.flatMap(({ costs }) => costs)) program.ui.say(line);
}

/** How each part came out. */
function tellEnd(program: Program, ends: readonly (readonly [PartName, PartEnd])[], ms: number): void {
  if (!program.ui.forPrograms) program.ui.say('');
  for (const [part, end] of ends)
    program.ui.result('part-ended', { part, ...end }, () => tellPartEnd(program, part, end));
  if (!program.ui.forPrograms) program.ui.say(`${duration(ms)}. Journal: ${program.layout.journal}`, 'dim');
}

function tellPartEnd(program: Program, part: PartName, end: PartEnd): void {
  if (end.status === 'updated') program.ui.say(` ✓ ${part.padEnd(13)}${end.now}`, 'good');
  else if (end.status === 'cancelled')
    program.ui.say(` · ${part.padEnd(13)}stopped, as you asked; in use: ${end.serves}`, 'warning');
  else {
    program.ui.say(` ✗ ${part.padEnd(13)}not updated; in use: ${end.serves}`, 'bad');
    tellProblems(program.ui, [end]);
  }
}
