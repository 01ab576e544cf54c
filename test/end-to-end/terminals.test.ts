import { describe, expect, test } from 'vitest';
import { environmentFor, paperProgram } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { answersPath, freshMachine } from './paper.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';

/** Columns. The first is what a terminal tells that was never given a size. */
const sizes = [0, 1, 24, 40, 10_000] as const;
const ctrlC = '\x03';
/** Characters; a run of minutes writes a tenth of it. What never ends writes as much in a second. */
const most = 1_000_000;

async function open(machine: PaperMachine, columns: number, words: readonly string[] = []): Promise<PseudoTerminal> {
  return new PseudoTerminal([process.execPath, await paperProgram(), ...words], {
    columns,
    env: environmentFor(machine) as Record<string, string>,
  });
}

interface Spinning {
  readonly terminal: PseudoTerminal;
  /** Ends the change that is under way. */
  readonly letGo: () => void;
  /** Waits until the spinner was drawn a few times more. */
  readonly turned: () => Promise<void>;
}

/** A run whose spinner turns while its first change is under way. */
async function spinning(columns: number): Promise<Spinning> {
  const machine = await freshMachine();
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    machine.log.intercept = async ({ mutates }) => {
      if (!mutates) return undefined;
      machine.log.intercept = undefined;
      resolve();
      await held;
      return undefined;
    };
  });
  const words = ['install', '--yes', '--answers', answersPath(machine), '--only', 'base-system'];
  const terminal = await open(machine, columns, words);
  const frames = () => terminal.written.split(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/u).length;
  const turned = async () => {
    const before = frames();
    await terminal.until(() => frames() > before + 3, 'the spinner to turn');
  };
  await reached;
  await turned();
  return { terminal, letGo, turned };
}

/** What happens to the program meanwhile, and the exit code that it ends with. */
const happenings: readonly (readonly [what: string, happen: (run: Spinning) => Promise<void>, exitCode: number])[] = [
  ['runs to its end', async () => undefined, 0],
  ['hears Ctrl-C', async ({ terminal }) => await stopped(terminal, () => terminal.type(ctrlC)), 130],
  ['hears SIGTERM', async ({ terminal }) => await stopped(terminal, () => terminal.signal('SIGTERM')), 143],
  [
    'hears Ctrl-C after it was resized',
    async ({ terminal, turned }) => {
      for (const other of [0, 10_000, 0]) {
        terminal.resize(other);
        await turned();
      }
      await stopped(terminal, () => terminal.type(ctrlC));
    },
    130,
  ],
];

async function stopped(terminal: PseudoTerminal, stop: () => void): Promise<void> {
  stop();
  await terminal.sees('Stopping after the current action');
}

/** All of them with TERMINALS=all (npm run test:terminals); else all without a size, and one for each other size. */
const cells = sizes.flatMap((columns, row) =>
  happenings
    .filter((_, column) => process.env['TERMINALS'] === 'all' || columns === 0 || column === row % happenings.length)
    .map((happening) => [columns, ...happening] as const),
);

describe('a change in a terminal', () => {
  test.each(cells)('of %i columns %s', async (columns, _what, happen, exitCode) => {
    const run = await spinning(columns);
    await happen(run);
    run.letGo();
    expect(await run.terminal.exitCode()).toBe(exitCode);
    await run.terminal.sees(exitCode === 0 ? 'Done: ' : 'Stopped, as you asked.');
    expect(run.terminal.written.length).toBeLessThan(most);
  });

  test('that hangs ends when it is told to, although nobody reads its words', async () => {
    const { terminal, letGo } = await spinning(40);
    terminal.hang();
    terminal.signal('SIGTERM');
    letGo();
    expect(await terminal.exitCode()).toBe(143);
  });

  test('that is gone is finished, whether it is told of it or not', async () => {
    const [told, untold] = [await spinning(40), await spinning(40)];
    for (const { terminal } of [told, untold]) terminal.hangUp();
    told.terminal.signal('SIGHUP');
    for (const { letGo } of [told, untold]) letGo();
    expect([await told.terminal.exitCode(), await untold.terminal.exitCode()]).toEqual([129, 0]);
  });
});

describe('a question in a terminal', () => {
  test.each([0, 1, 10_000])('of %i columns is asked and left, also after it was resized', async (columns) => {
    const terminal = await open(await freshMachine(), columns);
    await terminal.sees('Address');
    terminal.resize(columns === 0 ? 1 : 0);
    terminal.type('192.168.1.20\r');
    await terminal.sees('Model');
    terminal.type(ctrlC);
    expect(await terminal.exitCode()).toBe(130);
    expect(terminal.written.length).toBeLessThan(most);
  });

  test('is left when the looks beside it find that the machine will not do', async () => {
    const terminal = await open(await freshMachine({ system: 'debian-12' }), 80);
    expect(await terminal.exitCode()).toBe(69);
    expect(terminal.text).toMatch(
      /1\/7 Where does the local model run\?.*> Address .*Problem: this machine runs Debian.*12/,
    );
    expect(terminal.text).not.toContain('2/7');
  });

  test('that hangs is left when it is told to', async () => {
    const terminal = await open(await freshMachine(), 40);
    await terminal.sees('Address');
    terminal.hang();
    terminal.signal('SIGTERM');
    expect(await terminal.exitCode()).toBe(143);
  });

  test('that is gone is left, whether it is told of it or not', async () => {
    const machine = await freshMachine();
    const [told, untold] = [await open(machine, 40), await open(machine, 40)];
    for (const terminal of [told, untold]) await terminal.sees('Address');
    for (const terminal of [told, untold]) terminal.hangUp();
    told.signal('SIGHUP');
    expect([await told.exitCode(), await untold.exitCode()]).toEqual([129, 129]);
  });
});
