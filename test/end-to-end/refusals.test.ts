import { describe, expect, it } from 'vitest';
import { folderTree } from '../machine/paper/folder-tree.ts';
import { runInstaller } from '../machine/paper/installer.ts';
import type { PaperOptions } from '../machine/paper/paper-machine.ts';
import { answersPath, freshMachine, install, mutatingLines, toldProblems } from './paper.ts';

const being = (state: object): PaperOptions => ({ state: (of) => void Object.assign(of, state) });
const root = { user: 'root', uid: 0 };
const elsewhere = /Debian 13 machine/;
type Env = Readonly<Record<string, string>>;

/** Where the program does not belong, or not in this way. */
const places: readonly [name: string, options: PaperOptions, says: RegExp, fix: RegExp, env?: Env][] = [
  ['Debian 12', { system: 'debian-12' }, /runs Debian GNU\/Linux 12 \(bookworm\).*Debian 13/, elsewhere],
  ['Ubuntu', { system: 'ubuntu-24.04' }, /runs Ubuntu 24\.04/, elsewhere],
  ['Fedora', { system: 'fedora-43' }, /runs Fedora Linux 43/, elsewhere],
  ['Alpine', { system: 'alpine-3.22' }, /runs Alpine Linux/, elsewhere],
  ['a Debian 13 without systemd', { init: 'init' }, /first process here is init, not/, /boot the machine with systemd/],
  ['another processor', being({ architecture: 'riscv64' }), /riscv64/, elsewhere],
  ['the root account', root, /you are root; everything would belong to root/, /prepare-host/],
  ['root behind sudo', root, /you are root \(through sudo, by anna\)/, /without sudo/, { SUDO_USER: 'anna' }],
  [
    'a su shell without a bus',
    { bus: false, ...being({ userManager: false }) },
    /no service manager for claude in this session/,
    /exit.*ssh claude@/,
  ],
  ['a bus that nobody answers on', being({ userManager: false }), /no service manager for claude/, /ssh claude@/],
  ['a sudo that would ask', being({ sudo: 'asks' }), /sudo needs a password/, /sudo -v/],
  ['an account without sudo', being({ sudo: 'denied', accounts: {} }), /claude may not use sudo/, /usermod -aG sudo/],
];

describe('refused with 69 before anything is touched', () => {
  it.each(places)('%s', async (_, options, says, fix, env = {}) => {
    const machine = await freshMachine(options);
    const before = folderTree(machine.folder);
    const run = await install(machine, [], { env });
    expect(run.exitCode, run.output).toBe(69);
    expect(toldProblems(run.output)).toEqual([
      { problem: expect.stringMatching(says), fix: expect.stringMatching(fix) },
    ]);
    expect(mutatingLines(machine)).toEqual([]);
    expect(folderTree(machine.folder)).toEqual(before);
  });
});

describe('plan and answers', () => {
  it.each(places.slice(0, 6))('a plan can be made on %s', async (_, options) => {
    const machine = await freshMachine(options);
    const before = folderTree(machine.folder);
    const plan = await runInstaller(machine, ['plan', '--answers', answersPath(machine)]);
    expect(plan.exitCode, plan.output).toBe(2);
    expect(mutatingLines(machine)).toEqual([]);
    expect(folderTree(machine.folder)).toEqual(before);
  });

  it.each([['init'], ['schema'], ['check', 'FILE'], ['show', 'FILE']])(
    'answers %s %s works where install does not',
    async (...words) => {
      const machine = await freshMachine({ system: 'alpine-3.22', init: 'init' });
      const run = await runInstaller(machine, [
        'answers',
        ...words.map((word) => (word === 'FILE' ? answersPath(machine) : word)),
      ]);
      expect(run.exitCode, run.output).toBe(0);
      expect(machine.log.calls).toEqual([]);
    },
  );
});

describe('prepare-host', () => {
  it('shows with --dry-run what it would do, does nothing, and says so in its exit code', async () => {
    const machine = await freshMachine({ user: 'root', uid: 0 });
    const words = ['prepare-host', '--user', 'anna'];
    const shown = await runInstaller(machine, [...words, '--dry-run', '--json']);
    expect(shown.exitCode, shown.output).toBe(2);
    expect(shown.stdout).toContain('"resource":"account anna"');
    expect(mutatingLines(machine)).toEqual([]);
    expect((await runInstaller(machine, [...words, '--yes'])).exitCode).toBe(0);
    expect((await runInstaller(machine, [...words, '--dry-run'])).exitCode).toBe(0);
  });

  it('prints itself as a script anywhere', async () => {
    const machine = await freshMachine({ system: 'fedora-43' });
    const run = await runInstaller(machine, ['prepare-host', '--print-script', '--user', 'anna']);
    expect(run.exitCode, run.output).toBe(0);
    expect(run.stdout).toMatch(/^(PAPER[^\n]*\n[^\n]*\n)?#!\/bin\/sh\n[\s\S]*user=anna/);
  });
});
