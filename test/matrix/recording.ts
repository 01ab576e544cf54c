import { writeFileSync } from 'node:fs';
import { type Running, startInstaller } from '../machine/paper/installer.ts';
import { makePaperMachine, type PaperMachine, paperAnswers } from '../machine/paper/paper-machine.ts';
import type { Reply } from '../machine/paper/program.ts';
import { type Snapshot, takeSnapshot } from '../machine/paper/snapshot.ts';
import { type EndState, endState } from './end-state.ts';
import { type FileCall, type FileChannel, type FileVerdict, openFileChannel } from './file-channel.ts';

/** Something a run is about to do, by which it is known again in another run. */
export interface Event {
  /** A command that changes the machine, one that looks, or a change of a file by the program itself. */
  readonly kind: 'command' | 'look' | 'file';
  /** The same in every run. */
  readonly identity: string;
  /** Where the program writes it itself. */
  readonly path?: string;
  /** What it writes there. */
  readonly text?: string;
}

/** An event of the undisturbed run, and the machine just before it. */
export interface Moment extends Event {
  readonly before: Snapshot;
  /** The machine from which another run comes by there again: before the effect was begun that the event belongs to. */
  readonly from: Snapshot;
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

export async function openStage(words: readonly string[] = ['install', '--yes']): Promise<Stage> {
  const machine = await makePaperMachine();
  const answers = `${machine.account.home}/answers.yaml`;
  writeFileSync(answers, paperAnswers(machine));
  let current: { readonly strike: Strike; readonly running: Promise<Running> } | undefined;
  const struck = async (event: Event, perform: () => Promise<Reply>) =>
    current === undefined ? undefined : await current.strike(event, await current.running, perform);
  const channel: FileChannel = await openFileChannel(
    machine.folder,
    async (call) => (await struck(fileEvent(call, machine), nothingToPerform))?.file ?? {},
  );
  machine.log.intercept = async ({ line, mutates }, perform) =>
    (await struck({ kind: mutates ? 'command' : 'look', identity: line }, perform))?.reply;
  return {
    machine,
    start: async (strike) => {
      machine.log.forget();
      const running = startInstaller(machine, [...words, ...(words[0] === 'install' ? ['--answers', answers] : [])], {
        env: channel.env,
      });
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
    },
  };
}

async function nothingToPerform(): Promise<Reply> {
  throw new Error('the program does this itself');
}

function fileEvent({ op, path, text }: FileCall, { folder, layout }: PaperMachine): Event {
  const place = path
    .slice(folder.length)
    .replace(/\.(\d+-)?[0-9a-f]{8}(\.new)?$/, '.*$2')
    .replace(/\/\d{8}T\d{6}-\d+/, '/RUN');
  const line = path === layout.journal && text !== undefined ? ` ${journalWords(text)}` : '';
  return { kind: 'file', identity: `${op} ${place}${line}`, path, ...(text === undefined ? {} : { text }) };
}

/** A line of the journal without what differs from run to run. */
function journalWords(text: string): string {
  const { at: _, run: __, sha256: ___, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(rest);
}

export interface Recording {
  readonly moments: readonly Moment[];
  /** The machine before anything was done. */
  readonly start: Snapshot;
  readonly end: EndState;
}

/** One undisturbed run: every event of it with the machine as it was, and the machine at its end. */
export async function record({ machine, start }: Stage): Promise<Recording> {
  const beginning = takeSnapshot(machine);
  let latest = beginning;
  let from = beginning;
  let changed = false;
  const seen = new Set<string>();
  const moments: Moment[] = [];
  const running = await start(async (event) => {
    if (changed) latest = takeSnapshot(machine);
    changed = event.kind !== 'look';
    if (event.kind === 'look' || event.text?.includes('"state":"begun"') === true) from = latest;
    // The same command twice is two moments; the same look is one, and so is the same line on its way to the disk.
    if (event.kind === 'command' || !seen.has(event.identity)) moments.push({ ...event, before: latest, from });
    seen.add(event.identity);
    return undefined;
  });
  const run = await running.ended;
  if (run.exitCode !== 0) throw new Error(`the undisturbed run ended with ${run.exitCode}:\n${run.output}`);
  return { moments, start: beginning, end: endState(machine) };
}
