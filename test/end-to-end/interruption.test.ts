import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Running, startInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { answersPath, freshMachine, install, mutatingLines, toldProblems, unwrapped } from './paper.ts';

/** A run that has come to the command with these words and is held there until it is let go. */
interface Held {
  readonly running: Running;
  readonly letGo: () => void;
}

async function heldAt(machine: PaperMachine, words: RegExp, flags: readonly string[] = []): Promise<Held> {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    machine.log.intercept = async ({ line, mutates }) => {
      if (!mutates || !words.test(line)) return undefined;
      machine.log.intercept = undefined;
      resolve();
      await held;
      return undefined;
    };
  });
  const running = await startInstaller(machine, ['install', '--yes', '--answers', answersPath(machine), ...flags]);
  await Promise.race([reached, running.ended.then(({ output }) => Promise.reject(new Error(output)))]);
  return { running, letGo };
}

describe('Ctrl-C during a change', () => {
  it('lets the change finish, begins no other, ends with 130, and the next run completes', async () => {
    const machine = await freshMachine();
    const { running, letGo } = await heldAt(machine, /apt-get .* install docker-ce/);
    running.signalAll('SIGINT');
    setTimeout(letGo, 200);
    const run = await running.ended;
    expect(run.exitCode, run.output).toBe(130);
    expect(unwrapped(run.output)).toMatch(
      /Stopping after the current action.*Stopped, as you asked\. What was done stays/,
    );
    expect(machine.state.packages.has('docker-ce')).toBe(true);
    expect(mutatingLines(machine).at(-1)).toMatch(/install docker-ce/);
    const next = await install(machine);
    expect(next.exitCode, next.output).toBe(0);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('so does %s, with %i', async (signal, exitCode) => {
    const machine = await freshMachine();
    const { running, letGo } = await heldAt(machine, /apt-get .* install curl/, ['--only', 'base-system,service-user']);
    running.signal(signal);
    setTimeout(letGo, 200);
    const run = await running.ended;
    expect(run.exitCode, run.output).toBe(exitCode);
    expect(machine.state.packages.has('curl')).toBe(true);
    expect(mutatingLines(machine).filter((line) => line.includes('enable-linger'))).toEqual([]);
  });

  it('a second time ends the program at once', async () => {
    const machine = await freshMachine();
    const { running, letGo } = await heldAt(machine, /apt-get .* install curl/, ['--only', 'base-system']);
    running.signal('SIGINT');
    setTimeout(() => running.signal('SIGINT'), 200);
    const run = await running.ended;
    letGo();
    expect(run.exitCode, run.output).toBe(130);
  });
});

/** Enough to be interrupted in; that a whole installation goes on from any place is shown in test/matrix. */
const firstSteps = ['--only', 'secrets,base-system,service-user'];

describe('a run that was killed', () => {
  it('between two changes is no hindrance: the next one completes and takes the lock over', async () => {
    const machine = await freshMachine();
    const { running, letGo } = await heldAt(machine, /loginctl enable-linger/, firstSteps);
    running.signal('SIGKILL');
    expect((await running.ended).exitCode).toBe(137);
    letGo();
    expect(readFileSync(machine.layout.lockFile, 'utf8')).toMatch(/^\d+ \d+\n$/);
    const next = await install(machine, firstSteps);
    expect(next.exitCode, next.output).toBe(0);
    const begun = journal(machine).filter(({ state }) => state === 'begun').length;
    const ended = journal(machine).filter(({ state }) => state === 'done').length;
    expect(begun - ended, 'the change that was cut off stands in the journal as begun').toBe(1);
  });
});

describe('two runs at once', () => {
  it('the second one is sent away with 75 and changes nothing; the first one completes', async () => {
    const machine = await freshMachine();
    const { running, letGo } = await heldAt(machine, /loginctl enable-linger/, firstSteps);
    const before = mutatingLines(machine).length;
    const second = await install(machine, firstSteps);
    expect(second.exitCode, second.output).toBe(75);
    expect(toldProblems(second.output)).toEqual([
      { problem: expect.stringMatching(/another run .* \(process \d+\)/), fix: expect.stringContaining('wait') },
    ]);
    expect(mutatingLines(machine).length).toBe(before);
    letGo();
    const first = await running.ended;
    expect(first.exitCode, first.output).toBe(0);
  });
});

function journal({ layout }: PaperMachine): readonly { readonly state?: string }[] {
  return readFileSync(layout.journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { state?: string });
}
