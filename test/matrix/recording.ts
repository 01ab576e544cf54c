import { writeFileSync } from 'node:fs';
import { type Running, startInstaller } from '../machine/paper/installer.ts';
import { makePaperMachine, type PaperMachine, paperAnswers } from '../machine/paper/paper-machine.ts';
import type { Reply } from '../machine/paper/program.ts';
import { discardSnapshots, type Snapshot, takeSnapshot } from '../machine/paper/snapshot.ts';
import { commands, type MatrixCommand } from './commands.ts';
import { type EndState, endState } from './end-state.ts';
import { type FileCall, type FileChannel, type FileVerdict, openFileChannel } from './file-channel.ts';

/** Something a run is about to do, by which it is known again in another run. */
export interface Event {
  /** A command that changes the machine, one that looks, or a change of a file by the program itself. */
  readonly kind: 'command' | 'look' | 'file';
  /** The same in every run and on every paper machine. */
  readonly identity: string;
  /** Where the program writes it itself. */
  readonly path?: string;
  /** What it writes there. */
  readonly text?: string;
}

/** An event of the undisturbed run, and the machine just before it. */
export interface Moment extends Event {
  readonly before: Snapshot;
  /** The machine from which another run comes by there again: before the first effect for the same resource, so that all are done anew. */
  readonly from: Snapshot;
  /** The journal's line with which that effect began; the event is the first of its identity behind it. */
  readonly within: string | undefined;
}

/** What a moment is called, in every recording of the same command. */
export function addressOf({ kind, identity, within }: Moment): string {
  return `${kind} ${identity} ${within === undefined ? 'before the first effect' : `in ${within}`}`;
}

/** What a fault makes of an event: a reply in the place of a command, a verdict on a file; undefined lets it happen. */
export type Strike = (event: Event, running: Running, perform: () => Promise<Reply>) => Promise<Struck | undefined>;

export interface Struck {
  readonly reply?: Reply;
  readonly file?: FileVerdict;
}

/** A machine whose every event passes a strike. */
export interface Stage {
  readonly machine: PaperMachine;
  /** Starts a run; every event of it passes `strike` first. */
  start(strike: Strike): Promise<Running>;
  close(): Promise<void>;
}

/** A paper machine on which the command has something to do. */
export async function openStage({ words, prepare }: MatrixCommand): Promise<Stage> {
  const machine = await makePaperMachine();
  const answers = `${machine.account.home}/answers.yaml`;
  writeFileSync(answers, paperAnswers(machine));
  const given = (all: readonly string[]) => (all[0] === 'install' ? [...all, '--answers', answers] : all);
  await prepare?.(machine, given(commands.install.words));
  let current: { readonly strike: Strike; readonly running: Promise<Running> } | undefined;
  const struck = async (event: Event, perform: () => Promise<Reply>) =>
    current === undefined ? undefined : await current.strike(event, await current.running, perform);
  const channel: FileChannel = await openFileChannel(
    machine.folder,
    async (call) => (await struck(fileEvent(call, machine), nothingToPerform))?.file ?? {},
  );
  machine.log.intercept = async ({ line, mutates }, perform) =>
    (await struck({ kind: mutates ? 'command' : 'look', identity: plainLine(line, machine) }, perform))?.reply;
  return {
    machine,
    start: async (strike) => {
      machine.log.forget();
      const running = startInstaller(machine, given(words), { env: channel.env });
      current = { strike, running };
      const started = await running;
      void started.ended.then(() => {
        if (current?.running === running) current = undefined;
      });
      return started;
    },
    close: async () => {
      await channel.close();
      await machine.destroy();
      discardSnapshots(machine);
    },
  };
}

async function nothingToPerform(): Promise<Reply> {
  throw new Error('the program does this itself');
}

function fileEvent({ op, path, text }: FileCall, { folder, layout }: PaperMachine): Event {
  // A backup's path has the whole path of what it is a backup of below it.
  const place = path
    .replaceAll(folder, '')
    .replace(/\.(\d+-)?[0-9a-f]{8}(\.new)?$/, '.*$2')
    .replace(/\/[\d-]{8,10}T\d{6,9}-\d+/, '/RUN');
  const line = path === layout.journal && text !== undefined ? ` ${journalWords(text.replaceAll(folder, ''))}` : '';
  return { kind: 'file', identity: `${op} ${place}${line}`, path, ...(text === undefined ? {} : { text }) };
}

/** A command without what differs from machine to machine and, the names of drafts, from run to run. */
export function plainLine(line: string, { folder }: PaperMachine): string {
  return line.replaceAll(folder, '').replaceAll(/\b[0-9a-f]{8}\b/g, 'DRAFT');
}

/** A line of the journal without what differs from run to run. */
function journalWords(text: string): string {
  const { at: _, run: __, sha256: ___, backup: ____, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(rest);
}

export interface Recording {
  readonly moments: readonly Moment[];
  /** How many moments the run has, those that were not wanted, too. */
  readonly events: number;
  readonly end: EndState;
}

/** One undisturbed run: every event of it with the machine as it was, and the machine at its end. `isWanted` takes some events only; effects are numbered, 0 is what comes before the first. */
export async function record(
  { machine, start }: Stage,
  isWanted: (effect: number, event: Event) => boolean = () => true,
): Promise<Recording> {
  const beginning = takeSnapshot(machine);
  let latest = beginning;
  let first = beginning;
  let resource: string | undefined;
  let effect: Pick<Moment, 'from' | 'within'> = { from: beginning, within: undefined };
  let changed = false;
  let effects = 0;
  const seen = new Set<string>();
  const moments: Moment[] = [];
  const running = await start(async (event) => {
    if (beginsEffect(event)) effects += 1;
    if (changed && isWanted(effects, event)) {
      latest = takeSnapshot(machine);
      changed = false;
    }
    changed ||= event.kind !== 'look';
    if (beginsEffect(event)) {
      // What a resource needs is planned as a whole: with its first effect done the others may not be needed any more.
      if (resourceOf(event) !== resource) first = latest;
      resource = resourceOf(event);
      effect = { from: first, within: undefined };
    }
    const moment = { ...event, before: latest, ...effect };
    if (beginsEffect(event)) effect = { from: first, within: event.identity };
    const once = isOneEverywhere(event, machine) ? event.identity : addressOf(moment);
    if (!seen.has(once) && isWanted(effects, event)) moments.push(moment);
    seen.add(once);
    return undefined;
  });
  const run = await running.ended;
  if (run.exitCode !== 0) throw new Error(`the undisturbed run ended with ${run.exitCode}:\n${run.output}`);
  return { moments, events: seen.size, end: endState(machine) };
}

function beginsEffect({ text }: Event): boolean {
  return text?.includes('"state":"begun"') === true;
}

/** Which resource an effect is for. */
function resourceOf({ text = '' }: Event): string | undefined {
  return /"id":"([^"]+)"/.exec(text)?.[1];
}

/** The same question, and a line of the journal on its way to the disk, are one moment wherever they come; what changes something is one in each effect. */
function isOneEverywhere({ kind, path, text }: Event, { layout }: PaperMachine): boolean {
  return kind === 'look' || (path === layout.journal && text === undefined);
}
