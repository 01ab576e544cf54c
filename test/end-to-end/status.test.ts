import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StatusReport } from '../../src/status/report.ts';
import { type Run, type RunOptions, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { freshMachine, installed, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

const status = async (machine: PaperMachine, words: readonly string[] = [], options: RunOptions = {}): Promise<Run> =>
  await runInstaller(machine, ['status', ...words], options);

async function reported(machine: PaperMachine, words: readonly string[] = []): Promise<StatusReport> {
  const { stdout } = await status(machine, ['--json', ...words]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as StatusReport;
}

/** The state of each file and object that is not as wanted. */
function differing({ drift }: StatusReport): Readonly<Record<string, string>> {
  const objects = 'objects' in drift ? drift.objects : [];
  return Object.fromEntries(
    objects.filter(({ state }) => state !== 'as-wanted').map(({ title, state }) => [title, state]),
  );
}

describe('status of an installation', () => {
  let machine: PaperMachine;
  beforeAll(async () => {
    machine = await installed(await sharedMachine());
  });

  it('tells what is here, changes nothing and ends with 0', async () => {
    const before = mutatingLines(machine).length;
    const { exitCode, output } = await status(machine, [], { env: { PATH: `${machine.layout.binDir}:/usr/bin` } });
    expect(exitCode, output).toBe(0);
    for (const row of [
      /claude-routed\n {2}└─ ✓ gateway .*\n {5}├─ ✓ local .*\n {5}└─ · cloud {2}claude-sonnet-5-5\n/,
      /program +1\./,
      /Docker +29\.9\.0 \(rootless\)/,
      /engine +running, starts at boot, runs without a login/,
      /image +ghcr\.io\/berriai\/litellm:v1\.\d+\.\d+, digest [0-9a-f]{12}/,
      /container +litellm, running since \d{4}-\d\d-\d\d \d\d:\d\d, 0 restarts/,
      /gateway +http:\/\/127\.0\.0\.1:\d+, ready \(\d+ ms\)/,
      /Claude Code +2\.1\.332, channel stable/,
      /local model +qwen\/qwen3\.6-35b-a3b, loaded, 65,536 tokens/,
      /also loaded +openai\/gpt-oss-20b, 16,384 tokens/,
      /claude-routed +claude-sonnet-5-5\n/,
      /keys +LITELLM_MASTER_KEY [0-9a-f]{8}, ANTHROPIC_DIRECT_KEY [0-9a-f]{8}/,
      /last proven +\d{4}-\d\d-\d\d \d\d:\d\d with Claude Code 2\.1\.332 and image\s+[0-9a-f]{12}\n/,
      /sentinel +not chosen/,
      /last run +install \(1\.[\d.]+\) .* ended well/,
      /state +everything is as it should be: \d+ files and objects/,
    ])
      expect(output).toMatch(row);
    expect(output).not.toContain('Fix it');
    expect(mutatingLines(machine)).toHaveLength(before);
  });

  it('tells what would be wanted with other answers', async () => {
    const report = await reported(machine, ['--set', 'failover.allowed=false']);
    expect(differing(report)).toEqual({
      'your answers': 'wanted-otherwise',
      'gateway configuration': 'wanted-otherwise',
      'compose file': 'wanted-otherwise',
      'gateway container': 'wanted-otherwise',
      'claude-local': 'wanted-otherwise',
    });
    expect(report.proven.changedSince).toEqual(['answers or keys']);
  });

  it('says that another run is under way', async () => {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    writeFileSync(machine.layout.lockFile, `${process.pid} ${started}\n`);
    const { output } = await status(machine);
    rmSync(machine.layout.lockFile);
    expect(output).toMatch(new RegExp(`last run +another run is under way \\(process ${process.pid}\\)`));
  });

  it('names a program of the same name that comes first on the search path', async () => {
    const folder = `${machine.account.home}/bin`;
    mkdirSync(folder);
    writeFileSync(`${folder}/claude-local`, '');
    const { output } = await status(machine, [], { env: { PATH: `${folder}:${machine.layout.binDir}:/usr/bin` } });
    expect(unwrapped(output)).toContain('claude-local local; hidden behind ~/bin/claude-local');
    expect(output).not.toMatch(/claude-routed .*hidden/);
  });
});

describe('status of what was changed', () => {
  it('names each file with its three versions, and ends with 2', async () => {
    const machine = await installed(await freshMachine());
    const { layout } = machine;
    appendFileSync(layout.gatewayHook, '# mine\n');
    rmSync(layout.launchers['claude-offline']);
    chmodSync(layout.secretsFile, 0o644);
    writeFileSync(layout.bashrc, readFileSync(layout.bashrc, 'utf8').replace(/# >>>[\s\S]*$/, '# mine\n'));
    machine.state.units.user['docker.service'] = { active: true, enabled: false };
    const { exitCode, output } = await status(machine);
    expect(exitCode).toBe(2);
    expect(differing(await reported(machine))).toEqual({
      keys: 'mode-differs',
      'engine service': 'not-as-wanted',
      "gateway's local_compat.py": 'changed-here',
      'gateway container': 'not-as-wanted',
      'claude-offline': 'missing',
      '~/.bashrc': 'changed-here',
    });
    const text = unwrapped(output);
    expect(text).toMatch(
      /gateway's local_compat\.py: changed here since it was written, \d{4}-\d\d-\d\d \d\d:\d\d ~\/litellm\/local_compat\.py written ([0-9a-f]{8}) now [0-9a-f]{8} wanted \1/,
    );
    expect(text).toContain('now mode 644 wanted mode 600');
    expect(text).toContain('engine service: to do: start docker.service at boot');
    expect(text).toMatch(/claude-offline: missing/);
    expect(text).toContain('Fix it: claude-routing-install');
  });

  it('still tells what it can where the answers are damaged or the keys are gone', async () => {
    const machine = await installed(await freshMachine());
    const { layout } = machine;
    const answers = readFileSync(layout.savedAnswers, 'utf8');
    writeFileSync(layout.savedAnswers, 'version: 1\nlocalModel: [\n');
    const damaged = await status(machine);
    expect(damaged.exitCode).toBe(2);
    expect(unwrapped(damaged.output)).toContain(`answers.yaml cannot be understood by this version`);
    expect(unwrapped(damaged.output).match(/cannot be understood/g)).toHaveLength(2);
    expect(unwrapped(damaged.output)).toContain('local model unknown: see Claude Code');
    expect(damaged.output).toMatch(/Docker +29\.9\.0/);
    expect(damaged.output).toMatch(/keys +LITELLM_MASTER_KEY [0-9a-f]{8}/);
    writeFileSync(layout.savedAnswers, answers);
    rmSync(layout.secretsFile);
    const keyless = await status(machine);
    expect(keyless.exitCode).toBe(2);
    expect(keyless.output).toMatch(/keys +none/);
    expect(keyless.output).toMatch(/keys: missing/);
  });
});
