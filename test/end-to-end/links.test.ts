import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { freshMachine, install, installed, toldProblems } from './paper.ts';

const steps = ['--only', 'secrets,launchers'];

/** Files that an installation edits, and the modes that a person's own may have. */
function edited({ layout: { bashrc, routedSettings, home } }: PaperMachine): Readonly<Record<string, number>> {
  return { [bashrc]: 0o600, [routedSettings]: 0o640, [`${home}/.bash_aliases`]: 0o444 };
}

/** Puts a file into ~/dotfiles and a link to it in its place. */
function linkAway({ account }: PaperMachine, path: string, text: string, mode: number): string {
  const behind = `${account.home}/dotfiles/${basename(path)}`;
  for (const folder of [dirname(behind), dirname(path)]) mkdirSync(folder, { recursive: true });
  rmSync(path, { force: true });
  writeFileSync(behind, text);
  chmodSync(behind, mode);
  symlinkSync(behind, path);
  return behind;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

describe('dotfiles that are links into a repository', () => {
  it('stay links, and the files behind them keep their modes: installed, put back, and taken off', async () => {
    const machine = await freshMachine();
    const { bashrc, secretsFile, routedSettings } = machine.layout;
    const alias = 'alias claude-local="claude --model x"\n';
    const texts = { [bashrc]: readFileSync(bashrc, 'utf8'), [routedSettings]: '{ "theme": "dark" }\n' };
    const modes = edited(machine);
    const behind = Object.keys(modes).map((path) => linkAway(machine, path, texts[path] ?? alias, modes[path] ?? 0));
    linkAway(machine, secretsFile, 'OTHER=kept\n', 0o644);
    const asBefore = behind.map((path) => [readFileSync(path, 'utf8'), modeOf(path)]);

    const done = await install(machine, steps);
    expect(done.exitCode, done.output).toBe(0);
    const links = [...Object.keys(modes), secretsFile].map((path) => lstatSync(path).isSymbolicLink());
    expect(links).toEqual([true, true, true, true]);
    expect(behind.map(modeOf)).toEqual(Object.values(modes).map((mode) => mode.toString(8)));
    expect(behind.map((path) => readFileSync(path, 'utf8'))).not.toEqual(asBefore.map(([text]) => text));
    // The file of keys is ours to close, wherever it is.
    expect(modeOf(secretsFile)).toBe('600');
    chmodSync(secretsFile, 0o644);
    const status = await runInstaller(machine, ['status', '--json']);
    const report = JSON.parse(status.stdout.split('\n').slice(1).join('\n')) as { drift: { objects: object[] } };
    expect(report.drift.objects).toContainEqual(expect.objectContaining({ title: 'keys', state: 'mode-differs' }));

    const back = await runInstaller(machine, ['restore', 'last', '~/.bashrc', '--yes']);
    expect(back.exitCode, back.output).toBe(0);
    expect([readFileSync(bashrc, 'utf8'), modeOf(bashrc)]).toEqual([texts[bashrc], '600']);
    await installed(machine, steps);

    const off = await runInstaller(machine, ['uninstall', '--yes', '--purge']);
    expect(off.exitCode, off.output).toBe(0);
    expect(behind.map((path) => [readFileSync(path, 'utf8'), modeOf(path)])).toEqual(asBefore);
    expect([readFileSync(secretsFile, 'utf8'), modeOf(secretsFile)]).toEqual(['OTHER=kept\n', '644']);
    expect(links).toEqual([...Object.keys(modes), secretsFile].map((path) => lstatSync(path).isSymbolicLink()));
  });

  it('that the person made of a file of keys since take the keys with them when all goes', async () => {
    const machine = await freshMachine();
    const { secretsFile } = machine.layout;
    await installed(machine, steps);
    const behind = `${machine.account.home}/keys`;
    renameSync(secretsFile, behind);
    symlinkSync(behind, secretsFile);
    const off = await runInstaller(machine, ['uninstall', '--yes', '--purge']);
    expect(off.exitCode, off.output).toBe(0);
    expect(() => readFileSync(behind)).toThrow(/ENOENT/);
    expect(() => readlinkSync(secretsFile)).toThrow(/ENOENT/);
  });
});

describe('a link that cannot be written through', () => {
  it.each<[name: string, plant: (machine: PaperMachine) => string, problem: RegExp, fix: RegExp]>([
    [
      '~/.bashrc to itself',
      ({ layout: { bashrc } }) => plantLink(bashrc, '.bashrc'),
      /\.bashrc is a link that leads back to itself/,
      /rm \S+\.bashrc/,
    ],
    [
      '~/.config to nothing',
      ({ layout: { home } }) => plantLink(`${home}/.config`, '/mnt/disk/config'),
      /\.config is a link to \S*\/mnt\/disk\/config, and nothing is there/,
      /rm \S+\.config/,
    ],
  ])(
    'is refused before anything is changed: %s',
    async (_, plant, problem, fix) => {
      const machine = await freshMachine();
      const link = plant(machine);
      const refused = await install(machine, steps);
      expect(refused.exitCode, refused.output).toBe(69);
      expect(refused.output).not.toMatch(/a fault in this program/);
      const [told] = toldProblems(refused.output);
      expect([told?.problem, told?.fix]).toEqual([expect.stringMatching(problem), expect.stringMatching(fix)]);
      expect(lstatSync(link).isSymbolicLink()).toBe(true);
    },
    60_000,
  );
});

function plantLink(path: string, to: string): string {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  symlinkSync(to, path);
  return path;
}
