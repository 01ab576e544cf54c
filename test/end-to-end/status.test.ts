import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StatusReport } from '../../src/status/report.ts';
import { type Run, type RunOptions, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { freshMachine, install, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

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

async function installed(machine: PaperMachine): Promise<PaperMachine> {
  const { exitCode, output } = await install(machine);
  expect(exitCode, output).toBe(0);
  return machine;
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

  it('gives the same facts as one JSON document', async () => {
    const report = await reported(machine);
    expect(report).toMatchObject({
      version: 1,
      asWanted: true,
      docker: { version: '29.9.0', rootless: true },
      container: { name: 'litellm', running: true, restarts: 0 },
      claudeCode: { version: '2.1.332', channel: 'stable', source: 'native' },
      routing: { profile: 'cloud-foreground', failover: 'true' },
      proven: { claudeCode: '2.1.332', changedSince: [] },
      sentinel: { chosen: false, timer: null, found: null },
      lastRun: { command: 'install', exitCode: 0 },
      underWay: null,
      atWork: null,
    });
    expect(differing(report)).toEqual({});
    expect(JSON.stringify(report)).not.toContain(machine.world.keys.anthropic);
  });

  it('lists every file and object with --verbose', async () => {
    const { output } = await status(machine, ['--verbose']);
    expect(output.match(/: as it should be$/gm)?.length).toBeGreaterThan(30);
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
      'gateway hook': 'changed-here',
      'gateway container': 'not-as-wanted',
      'claude-offline': 'missing',
      '~/.bashrc': 'changed-here',
    });
    const text = unwrapped(output);
    expect(text).toMatch(
      /gateway hook: changed here since it was written, \d{4}-\d\d-\d\d \d\d:\d\d ~\/litellm\/local_compat\.py written ([0-9a-f]{8}) now [0-9a-f]{8} wanted \1/,
    );
    expect(text).toContain('now mode 644 wanted mode 600');
    expect(text).toContain('engine service: to do: start docker.service now and at boot');
    expect(text).toMatch(/claude-offline: missing/);
    expect(text).toContain('Fix it: claude-routing-install');
  });

  it('is honest about an engine that is off: what cannot be told is told as that', async () => {
    const machine = await installed(await freshMachine());
    machine.state.units.user['docker.service'] = { active: false, enabled: true };
    const { exitCode, output } = await status(machine);
    expect(exitCode).toBe(2);
    expect(output).toMatch(/Docker +Docker does not answer: Cannot connect to the Docker daemon/);
    expect(output).toMatch(/state +1 not as they should be, \d+ unknown/);
    expect(differing(await reported(machine))).toMatchObject({ 'gateway container': 'unknown' });
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

  it('ends with 69 where nothing is installed', async () => {
    const { exitCode, output } = await status(await freshMachine());
    expect(exitCode).toBe(69);
    expect(output).toContain('nothing is installed');
  });
});

describe('status with a sentinel', () => {
  it('tells what it found last', async () => {
    const machine = await freshMachine();
    expect(await install(machine, ['--set', 'launchers.sentinel=true'])).toMatchObject({ exitCode: 0 });
    expect((await status(machine)).output).toMatch(/sentinel +watching; nothing new to prove since the last proof/);
    writeFileSync(
      machine.layout.sentinelState,
      'failed 2026-11-26T10:00:00Z 2.1.275:ab:cd claude-offline does not answer: API Error: 400\n',
    );
    const { exitCode, output } = await status(machine);
    expect(exitCode).toBe(0);
    expect(unwrapped(output)).toMatch(
      /sentinel watching; failed 2026-11-26 \d\d:\d\d: claude-offline does not answer: API Error: 400\. Find the cause: claude-routing-install doctor/,
    );
  });

  it('tells nothing of one that is no longer chosen: its files and its timer go', async () => {
    const machine = await freshMachine();
    await install(machine, ['--set', 'launchers.sentinel=true']);
    const { sentinelScript, sentinelService, sentinelState, sentinelTimer } = machine.layout;
    const files = [sentinelScript, sentinelService, sentinelTimer];
    expect(files.filter((path) => !existsSync(path))).toEqual([]);
    expect(machine.state.units.user['claude-routing-sentinel.timer']).toEqual({ active: true, enabled: true });
    writeFileSync(sentinelState, 'ok 2026-11-26T10:00:00Z 2.1.332:ab:cd \n');
    expect(await install(machine)).toMatchObject({ exitCode: 0 });
    expect([...files, sentinelState].filter(existsSync)).toEqual([]);
    expect(machine.state.units.user['claude-routing-sentinel.timer']).toEqual({ active: false, enabled: false });
    expect((await reported(machine)).sentinel).toEqual({ chosen: false, timer: null, found: null });
  });
});
