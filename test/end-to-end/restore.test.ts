import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Run, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { freshMachine, install, installed, mutatingLines, sharedMachine, toldProblems, unwrapped } from './paper.ts';

async function restore(machine: PaperMachine, ...words: readonly string[]): Promise<Run> {
  return await runInstaller(machine, ['restore', ...words]);
}

const steps = ['--only', 'secrets,launchers'];

describe('without words', () => {
  it('says that nothing was kept, where nothing was', async () => {
    const machine = await freshMachine();
    const listed = await restore(machine);
    expect(listed.exitCode).toBe(0);
    expect(unwrapped(listed.output)).toMatch(/No run has kept a backup/);
    expect((await restore(machine, 'last')).exitCode).toBe(69);
  });
});

describe('after an installation that changed ~/.bashrc', () => {
  let machine: PaperMachine;
  let before: string;
  let after: string;
  let run: string;

  beforeAll(async () => {
    machine = await sharedMachine();
    before = readFileSync(machine.layout.bashrc, 'utf8');
    chmodSync(machine.layout.bashrc, 0o600);
    await installed(machine, steps);
    after = readFileSync(machine.layout.bashrc, 'utf8');
    run = readdirSync(machine.layout.backupsDir)[0] ?? '';
  });

  it('lists the run with its command and its files, also as JSON', async () => {
    const listed = await restore(machine);
    expect(listed.exitCode).toBe(0);
    expect(unwrapped(listed.output)).toMatch(new RegExp(`${run} .* install ~/\\.bashrc`));
    const rows = JSON.parse((await restore(machine, '--json')).stdout.split('\n').slice(1).join('\n')) as unknown;
    expect(rows).toEqual([
      { run, began: expect.any(String) as string, command: 'install', files: [machine.layout.bashrc] },
    ]);
  });

  it.each<[words: readonly string[], problem: RegExp, fix: RegExp]>([
    [['1999'], /there is no run 1999/, /one of: last/],
    [['last', '~/.bashrcc'], /there is no file .*did you mean .*\.bashrc\?/, /one of: /],
    [['last'], /nobody can agree to putting these files back/, /add --yes/],
  ])('%j is refused: %s', async (words, problem, fix) => {
    machine.log.forget();
    const refused = await restore(machine, ...words);
    expect(refused.exitCode).toBe(64);
    const [told] = toldProblems(refused.output);
    expect(told?.problem).toMatch(problem);
    expect(told?.fix).toMatch(fix);
    expect(mutatingLines(machine)).toEqual([]);
    expect(readFileSync(machine.layout.bashrc, 'utf8')).toBe(after);
  });

  it('shows the difference and does nothing with --dry-run', async () => {
    const shown = await restore(machine, 'last', '.bashrc', '--dry-run');
    expect(shown.exitCode).toBe(2);
    expect(shown.output).toMatch(/-# >>> claude-routing >>>/);
    expect(readFileSync(machine.layout.bashrc, 'utf8')).toBe(after);
  });

  it('puts back every byte and the mode, and can itself be undone', async () => {
    const back = await restore(machine, run, '~/.bashrc', '--yes');
    expect(back.exitCode, back.output).toBe(0);
    expect(unwrapped(back.output)).toMatch(/What differs from your answers now: claude-routing-install plan/);
    expect(readFileSync(machine.layout.bashrc, 'utf8')).toBe(before);
    expect(statSync(machine.layout.bashrc).mode & 0o777).toBe(0o600);
    expect((await restore(machine, run, '--yes')).output).toMatch(/Nothing to put back/);
    const undone = await restore(machine, 'last', '--yes');
    expect(undone.exitCode, undone.output).toBe(0);
    expect(readFileSync(machine.layout.bashrc, 'utf8')).toBe(after);
  });
});

describe('keys', () => {
  it('are not shown, wherever they stand', async () => {
    const machine = await freshMachine();
    await installed(machine, steps);
    const { secretsFile, savedAnswers } = machine.layout;
    const key = /LITELLM_MASTER_KEY=(\S+)/.exec(readFileSync(secretsFile, 'utf8'))?.[1] ?? '';
    expect(key).toMatch(/^sk-/);
    writeFileSync(secretsFile, `${readFileSync(secretsFile, 'utf8').replace(/^ANTHROPIC.*\n/m, '')}MINE=1\n`);
    writeFileSync(savedAnswers, `# ${key}\n${readFileSync(savedAnswers, 'utf8')}`);
    await installed(machine, steps);
    const shown = await restore(machine, 'last', '--dry-run');
    expect(shown.exitCode, shown.output).toBe(2);
    expect(shown.output).toMatch(/holds keys: its content is not shown/);
    expect(shown.output).not.toContain(key);
    expect(shown.output).not.toContain(machine.world.keys.anthropic);
  });
});

describe('a ~/.bashrc that is no UTF-8', () => {
  const latin = Buffer.from('# caf\xe9\nalias ll="ls -l"\n', 'latin1');

  it('is refused by the installation with the line that fixes it, and keeps every byte', async () => {
    const machine = await freshMachine();
    writeFileSync(machine.layout.bashrc, latin);
    const refused = await install(machine, steps);
    expect(refused.exitCode).toBe(69);
    expect(toldProblems(refused.output)[0]?.fix).toMatch(/iconv -f ISO-8859-1 -t UTF-8/);
    expect(readFileSync(machine.layout.bashrc).equals(latin)).toBe(true);
  });

  it('is not put back from a backup as text, but by the line that is named', async () => {
    const machine = await freshMachine();
    const launcher = machine.layout.launchers['claude-local'];
    await installed(machine, steps);
    writeFileSync(launcher, latin);
    await installed(machine, steps);
    const refused = await restore(machine, 'last', '--yes');
    expect(refused.exitCode).toBe(69);
    expect(toldProblems(refused.output)[0]?.fix).toMatch(/cp -p .*claude-local .*claude-local/);
    expect(readFileSync(launcher, 'utf8')).toMatch(/Kept by claude-routing-install/);
  });
});
