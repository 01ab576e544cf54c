import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Running } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import type { Reply } from '../machine/paper/program.ts';
import type { Event, Moment, Strike, Struck } from './recording.ts';

/** One way in which things go wrong, for every event that it can happen to. */
export interface Fault {
  readonly name: string;
  readonly happensTo: (event: Event) => boolean;
  /** The program runs, and this comes over it. */
  readonly strike?: Strike;
  /** The program is gone: what the machine is like then, from what it was just before the event. */
  readonly leaves?: (machine: PaperMachine, moment: Moment) => void;
  /** Exit codes with which the program may end then. */
  readonly exitCodes?: readonly number[];
  /** Whether the program has to tell it in words, and begin nothing after it. */
  readonly isTold?: (event: Event) => boolean;
}

/** What a command says that was made to fail. */
export const plantedWords = 'a fault that was planted here';

const isProgram = ({ kind }: Event): boolean => kind !== 'file';
const changes = ({ kind }: Event): boolean => kind !== 'look';
const isWriting = ({ kind, text }: Event): boolean => kind === 'file' && text !== undefined;

/** Every fault there is. Each meets every event of the recording that it can happen to. */
export const faults: readonly Fault[] = [
  { name: 'gone before', happensTo: changes, leaves: () => undefined },
  { name: 'gone in the middle of writing', happensTo: isWriting, leaves: halfWritten },
  { name: 'power lost before', happensTo: changes, leaves: reboot },
  {
    name: 'power lost in the middle of writing',
    happensTo: isWriting,
    leaves: (machine, moment) => {
      halfWritten(machine, moment);
      reboot(machine);
    },
  },
  {
    name: 'power lost, the text never reached the disk',
    happensTo: (event) => isWriting(event) && isDraft(event),
    leaves: (machine, { path = '' }) => {
      writeFileSync(path, '');
      reboot(machine);
    },
  },
  {
    name: 'exits with 97',
    happensTo: isProgram,
    strike: async () => ({ reply: badEnd(97, '') }),
    isTold: ({ kind }) => kind === 'command',
  },
  {
    name: 'half its output, then dies',
    happensTo: isProgram,
    strike: async (event, _, perform) => ({
      reply: badEnd(137, event.kind === 'look' ? halfOf((await perform()).stdout) : 'Reading package li'),
    }),
  },
  {
    name: 'does its work and dies',
    happensTo: ({ kind }) => kind === 'command',
    strike: async (_, __, perform) => ({ reply: badEnd(137, halfOf((await perform()).stdout)) }),
  },
  { name: 'hangs until Ctrl-C', happensTo: isProgram, strike: hang, exitCodes: [130] },
  ...(['ENOSPC', 'EACCES', 'EROFS'] as const).map((errno) => ({
    name: errno,
    happensTo: ({ kind }: Event) => kind === 'file',
    strike: async () => ({ file: { errno } }),
  })),
  ...(['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => ({
    name: signal,
    happensTo: () => true,
    strike: async (_: Event, running: Running) => await signalled(running, signal),
    exitCodes: [0, { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]],
  })),
  { name: 'SIGKILL, the command works on', happensTo: isProgram, strike: killed, exitCodes: [137] },
];

function isDraft({ path = '' }: Event): boolean {
  return /\.(\d+-)?[0-9a-f]{8}(\.new)?$/.test(path);
}

function halfWritten(_: PaperMachine, { path = '', text = '' }: Moment): void {
  appendFileSync(path, halfOf(text));
}

/** What a machine is after its plug was in again: what is enabled runs, what was running comes back, nobody else does. */
function reboot({ state }: PaperMachine): void {
  for (const units of Object.values(state.units)) for (const unit of Object.values(units)) unit.active = unit.enabled;
  const engine = state.units.user['docker.service']?.active === true;
  for (const container of Object.values(state.containers)) container.running &&= engine;
}

function halfOf(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2));
}

function badEnd(exitCode: number, stdout: string): Reply {
  return { exitCode, stdout, stderr: exitCode === 97 ? `E: ${plantedWords}\n` : '' };
}

/** A terminal sends Ctrl-C to all; the other signals come from somebody who names the process. */
async function signalled(running: Running, signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): Promise<undefined> {
  if (signal === 'SIGINT') running.signalAll(signal);
  else running.signal(signal);
  await pause(150);
}

/** A person presses Ctrl-C, and once more when the program waits for the one that hangs; then somebody ends that one. */
async function hang(_: Event, running: Running): Promise<Struck> {
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  while (!over) {
    running.signalAll('SIGINT');
    await Promise.race([running.ended, pause(700)]);
  }
  return { reply: badEnd(130, '') };
}

async function killed(_: Event, running: Running): Promise<undefined> {
  running.signal('SIGKILL');
  await running.ended;
}
