import { appendFileSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Run, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { freshMachine, installed, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

async function update(machine: PaperMachine, ...words: readonly string[]): Promise<Run> {
  return await runInstaller(machine, ['update', ...words]);
}

/** An installation of the image before the tested one; shared by tests that only look. */
let older: Promise<PaperMachine> | undefined;
async function withOlderImage(): Promise<PaperMachine> {
  older ??= (async () => {
    const image = ['--set', 'gateway.image=ghcr.io/berriai/litellm:v1.108.10'];
    return await installed(await sharedMachine(), image);
  })();
  return await older;
}

interface Part {
  readonly part: string;
  readonly status: string;
}

describe('update', () => {
  it.each([
    [['gatway'], /there is no part gatway; did you mean gateway\?.*one of: launchers, gateway, claude-code, mise/],
    [['mise', '--image', 'ghcr.io/berriai/litellm:v1.108.12'], /--image is for the gateway, not for mise/],
  ])('%j is wrong use, and told so', async (words, said) => {
    const run = await update(await withOlderImage(), ...words);
    expect(run.exitCode, run.output).toBe(64);
    expect(unwrapped(run.output)).toMatch(said);
  });

  it.each(['--check', '--dry-run'])('%s tells each part, changes nothing, and ends with 2', async (flag) => {
    const machine = await withOlderImage();
    const before = mutatingLines(machine).length;
    const run = await update(machine, flag);
    expect(run.exitCode, run.output).toBe(2);
    expect(unwrapped(run.output)).toMatch(
      /launchers .*: nothing to do gateway v1\.108\.10 .*, newest v1\.108\.14 .*: try it alongside.* claude-code 2\.1\.332, newest 2\.1\.332 \(stable\): nothing to do mise 2026\.9\.15, newest 2026\.9\.15: nothing to do/,
    );
    expect(mutatingLines(machine)).toHaveLength(before);
  });

  it('tells programs one object a part', async () => {
    const { output } = await update(await withOlderImage(), '--check', '--json');
    const parts = output
      .split('\n')
      .filter((line) => line.includes('"type":"part"'))
      .map((line) => JSON.parse(line) as Part);
    expect(parts.map(({ part, status }) => [part, status])).toEqual([
      ['launchers', 'current'],
      ['gateway', 'pending'],
      ['claude-code', 'current'],
      ['mise', 'current'],
    ]);
  });

  it('never moves to an image that it would not install, and says why', async () => {
    const image = 'ghcr.io/berriai/litellm:v1.107.0';
    const run = await update(await withOlderImage(), 'gateway', '--yes', '--image', image);
    expect(run.exitCode, run.output).toBe(1);
    expect(unwrapped(run.output)).toMatch(/malicious code.*Nothing was changed\./);
  });

  it('off a terminal asks nobody: without --yes nothing happens, and the cost was told', async () => {
    const machine = await withOlderImage();
    const before = mutatingLines(machine).length;
    const run = await update(machine, 'gateway');
    expect(run.exitCode, run.output).toBe(64);
    expect(unwrapped(run.output)).toMatch(/small requests to your cloud.*nobody can agree to this.*--yes/);
    expect(mutatingLines(machine)).toHaveLength(before);
  });

  it('says which site could not be reached, and ends with 1', async () => {
    const machine = await installed(await freshMachine());
    machine.world.pages.delete('downloads.claude.ai/claude-code-releases/stable');
    const run = await update(machine, '--check');
    expect(run.exitCode, run.output).toBe(1);
    expect(unwrapped(run.output)).toMatch(/downloads\.claude\.ai names no release of stable \(HTTP 404\) Fix: /);
  });

  it('renews what another version of this program wrote, proves it, and leaves nothing to do', async () => {
    const machine = await installed(await freshMachine());
    const launcher = machine.onDisk(machine.layout.launchers['claude-local']);
    const text = readFileSync(launcher, 'utf8');
    appendFileSync(launcher, '# from an older version\n');
    const run = await update(machine, '--yes');
    expect(run.exitCode, run.output).toBe(0);
    expect(unwrapped(run.output)).toMatch(/renew claude-local.*claude-local -p: .* answered.*✓ launchers/);
    expect(readFileSync(launcher, 'utf8')).toBe(text);
    const again = await update(machine);
    expect(again, again.output).toMatchObject({ exitCode: 0 });
    expect(unwrapped(again.output)).toMatch(/Nothing to do\. ?$/);
  });
});
