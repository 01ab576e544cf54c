import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Run } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { brokenLines, differences, drafts, type EndState, endState, gatewayKey, orphans } from './end-state.ts';
import { type Fault, faults, plantedWords } from './faults.ts';
import { addressOf, type Moment, plainLine, type Recording, type Stage } from './recording.ts';

/** A fault at a moment. */
export interface Cell {
  readonly moment: Moment;
  readonly fault: Fault;
}

/** What came of a cell; no complaint: the next plain run made the machine what an undisturbed one makes it. */
export interface Verdict {
  readonly event: string;
  readonly kind: Moment['kind'];
  readonly fault: string;
  readonly complaints: readonly string[];
}

/** The same in every recording of a command. */
export function nameOf({ moment, fault }: Cell): string {
  return `${addressOf(moment)} × ${fault.name}`;
}

/** Every fault at every moment that it can happen to, in the order of the run. */
export function cellsOf({ moments }: Recording): readonly Cell[] {
  return moments.flatMap((moment) =>
    faults.filter(({ happensTo }) => happensTo(moment)).map((fault) => ({ moment, fault })),
  );
}

/** Runs cells on a stage, one after the other. Machines that are the same after a fault are fixed once. */
export class Matrix {
  readonly #stage: Stage;
  readonly #recording: Recording;
  readonly #fixed = new Map<string, readonly string[]>();

  constructor(stage: Stage, recording: Recording) {
    this.#stage = stage;
    this.#recording = recording;
  }

  /** Runs of the program that were made to fix. */
  get fixings(): number {
    return this.#fixed.size;
  }

  async judge({ moment, fault }: Cell): Promise<Verdict> {
    const { machine } = this.#stage;
    const about = { event: addressOf(moment), kind: moment.kind, fault: fault.name };
    await (fault.leaves === undefined ? moment.from : moment.before).restore();
    const keyBefore = gatewayKey(machine);
    if (fault.leaves !== undefined) {
      fault.leaves(machine, moment);
      return { ...about, complaints: await this.#fix(keyBefore, brokenLines(machine).length) };
    }
    const { reached, run } = await this.#struck(moment, fault);
    if (!reached)
      return { ...about, complaints: [`another run does not come by there; it ended with ${run.exitCode}`] };
    const told = fault.isTold?.(moment) === true ? this.#untold(run, moment) : [];
    const complaints = [...told, ...this.#complaintsAbout(run, fault), ...(await this.#fix(keyBefore, 0))];
    return { ...about, complaints };
  }

  async #struck(moment: Moment, { strike }: Fault): Promise<{ readonly reached: boolean; readonly run: Run }> {
    let reached = false;
    let inside = moment.within === undefined;
    const running = await this.#stage.start(async (event, itself, perform) => {
      inside ||= event.identity === moment.within;
      if (reached || !inside || event.identity !== moment.identity) return undefined;
      reached = true;
      return await strike?.(event, itself, perform);
    });
    const run = await inTime(running.ended, () => running.signalAll('SIGKILL'));
    return { reached, run };
  }

  #complaintsAbout({ exitCode, output }: Run, { exitCodes }: Fault): readonly string[] {
    const said = output.replace(/\s+/g, ' ');
    const { layout, folder } = this.#stage.machine;
    // A proof that could not look warns, and then nothing is noted as proven until it could.
    const excused = said.includes('Note:') ? [`${layout.proofStamp.slice(folder.length)} is missing`] : [];
    const shortfalls = exitCode === 0 ? this.#shortfalls().filter((shortfall) => !excused.includes(shortfall)) : [];
    return [
      ...(said.includes('a fault in this program') ? [`told as a fault in this program: ${tail(said)}`] : []),
      ...(exitCodes?.includes(exitCode) === false ? [`ended with ${exitCode}: ${tail(said)}`] : []),
      ...shortfalls.map((shortfall) => `said that it is done, but ${shortfall}`),
    ];
  }

  /** What is missing where a command failed: a problem with its fix, in its own words, and nothing begun after it. */
  #untold({ exitCode, output }: Run, { identity }: Moment): readonly string[] {
    const said = output.replace(/\s+/g, ' ');
    const problems = [...said.matchAll(/Problem: \S.*? Fix: \w{3,}/g)].length;
    const { machine } = this.#stage;
    const last = plainLine(machine.log.calls.filter(({ mutates }) => mutates).at(-1)?.line ?? 'nothing', machine);
    return [
      ...(exitCode === 1 ? [] : [`ended with ${exitCode}, not 1: ${tail(said)}`]),
      ...(problems > 0 ? [] : [`told no problem with a fix: ${tail(said)}`]),
      ...(said.includes(plantedWords) ? [] : [`does not say what the command said: ${tail(said)}`]),
      ...(last === identity ? [] : [`began after the failure: ${last}`]),
    ];
  }

  /** A plain run on the machine as it is now; what is not as after an undisturbed one. */
  async #fix(keyBefore: string | undefined, broken: number): Promise<readonly string[]> {
    const { machine } = this.#stage;
    const left = await orphansThatStay(machine);
    const same = stateHash(endState(machine), keyBefore, broken);
    const known = this.#fixed.get(same);
    if (known !== undefined) return [...left, ...known];
    const running = await this.#stage.start(async () => undefined);
    const run = await inTime(running.ended, () => running.signalAll('SIGKILL'));
    const said = run.output.replace(/\s+/g, ' ');
    const key = gatewayKey(machine);
    const complaints = [
      ...(run.exitCode === 0 ? [] : [`the next run ends with ${run.exitCode}: ${tail(said)}`]),
      ...this.#shortfalls(),
      ...(keyBefore !== undefined && key !== undefined && key !== keyBefore ? ['the key was made anew'] : []),
      ...(brokenLines(machine).length > broken ? [`the journal is not whole: ${brokenLines(machine).at(-1)}`] : []),
      ...(await orphansThatStay(machine)),
    ].map((complaint) => complaint.replaceAll(machine.folder, ''));
    this.#fixed.set(same, complaints);
    return [...left, ...complaints];
  }

  #shortfalls(): readonly string[] {
    const now = endState(this.#stage.machine);
    return [...differences(now, this.#recording.end), ...drafts(now).map((path) => `a draft is left: ${path}`)];
  }
}

/** Who works on for more than some seconds; what was just answered needs a moment to end. */
async function orphansThatStay(machine: PaperMachine): Promise<readonly string[]> {
  for (let waited = 0; waited < 10_000 && orphans(machine).length > 0; waited += 100) await pause(100);
  return orphans(machine).map((words) => `still at work: ${words.replaceAll(machine.folder, '')}`);
}

function stateHash(state: EndState, key: string | undefined, broken: number): string {
  return createHash('sha256')
    .update(JSON.stringify([Object.entries(state).sort(), key !== undefined, broken]))
    .digest('hex');
}

const longestRunMs = 10 * 60_000;

/** The end of a run; one that never comes is brought about, and told by its exit code. */
async function inTime(ended: Promise<Run>, kill: () => void): Promise<Run> {
  const patience = new AbortController();
  const tooLong = pause(longestRunMs, undefined, { signal: patience.signal }).then(kill, () => undefined);
  const run = await ended;
  patience.abort();
  await tooLong;
  return run;
}

function tail(words: string): string {
  const at = words.lastIndexOf('Problem:');
  return words.slice(at < 0 ? -200 : at).slice(0, 300);
}
