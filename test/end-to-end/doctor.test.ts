import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseContext, contextInUse } from '../machine/paper/docker-contexts.ts';
import { type Run, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { freshMachine, installed, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

/** The doctor, called from a shell that finds what was installed. */
async function doctor(machine: PaperMachine, ...words: string[]): Promise<Run> {
  return await doctorIn(machine, {}, ...words);
}

async function doctorIn(
  machine: PaperMachine,
  env: Readonly<Record<string, string>>,
  ...words: string[]
): Promise<Run> {
  const PATH = `${machine.layout.binDir}:/usr/bin:/bin`;
  return await runInstaller(machine, ['doctor', ...words], { env: { PATH, ...env } });
}

interface Examined {
  readonly healthy: boolean;
  readonly ms: number;
  readonly looked: readonly { readonly id: string; readonly about: string }[];
  readonly diagnoses: readonly {
    readonly check: string;
    /** Its name until 1.1. */
    readonly ailment: string;
    readonly severity: string;
    readonly symptom: string;
    readonly cause: string;
    readonly evidence: readonly { readonly path?: string; readonly line?: number; readonly text: string }[];
    readonly fix: string;
    readonly fixable: boolean;
  }[];
}

function examined({ stdout }: Run): Examined {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Examined;
}

function checksIn(run: Run): readonly string[] {
  return examined(run).diagnoses.map(({ check }) => check);
}

/** One machine for the whole file; each part leaves it as healthy as it found it. */
let machine: PaperMachine;
beforeAll(async () => {
  machine = await installed(await sharedMachine());
  machine.log.forget();
});

describe('an installed machine', () => {
  it('is healthy, told in a line, and nothing is changed by looking', async () => {
    const { exitCode, output } = await doctor(machine);
    expect(unwrapped(output)).toMatch(/Healthy: \d+ things checked in \d+\.\d s\./);
    expect(exitCode).toBe(0);
    expect(mutatingLines(machine)).toEqual([]);
  });

  it('is told to programs with everything that was looked at', async () => {
    const { healthy, looked, diagnoses, ms } = examined(await doctor(machine, '--json'));
    expect({ healthy, diagnoses }).toEqual({ healthy: true, diagnoses: [] });
    expect(looked.map(({ id }) => id)).toEqual(expect.arrayContaining(['user-bus', 'gateway-key', 'model', 'drift']));
    expect(ms).toBeGreaterThan(0);
  });

  it('has nothing to fix', async () => {
    expect((await doctor(machine, '--fix', '--yes')).output).toMatch(/Healthy/);
    expect(mutatingLines(machine)).toEqual([]);
  });

  it('looks only for what is named, and knows the nearest name of a mistyped one', async () => {
    expect(examined(await doctor(machine, '--json', '--only', 'linger,engine')).looked.map(({ id }) => id)).toEqual([
      'linger',
      'engine',
    ]);
    const mistyped = await doctor(machine, '--only', 'lingr');
    expect(mistyped.exitCode).toBe(64);
    expect(mistyped.output).toMatch(/there is no check lingr; did you mean linger\?/);
  });

  it('is broken for a shell that leads elsewhere, and says what to type there', async () => {
    const run = await doctorIn(
      machine,
      { DOCKER_HOST: 'tcp://10.0.0.1:2375', ANTHROPIC_API_KEY: 'sk-ant-CANARY' },
      '--json',
    );
    expect(run.exitCode).toBe(1);
    expect(examined(run).diagnoses.map(({ fix }) => fix)).toEqual([
      `export DOCKER_HOST=unix://${machine.layout.dockerSocket}`,
      'unset ANTHROPIC_API_KEY',
    ]);
    expect(run.output).not.toContain('sk-ant-CANARY');
  });
});

describe('one thing that makes others fail', () => {
  it('is told alone: an engine that is off', async () => {
    const unit = machine.state.units.user['docker.service'];
    if (unit === undefined) throw new Error('no engine was installed');
    unit.active = false;
    expect(checksIn(await doctor(machine, '--json'))).toEqual(['engine']);
    unit.active = true;
  });

  it('is told alone: answers that cannot be read', async () => {
    const { savedAnswers } = machine.layout;
    const before = readFileSync(savedAnswers, 'utf8');
    writeFileSync(savedAnswers, `${before}nonsense: 1\n`);
    const { diagnoses } = examined(await doctor(machine, '--json'));
    writeFileSync(savedAnswers, before);
    expect(diagnoses).toMatchObject([{ check: 'answers', evidence: [{ path: savedAnswers }] }]);
    expect(diagnoses[0]?.evidence[0]?.line).toBe(before.split('\n').length);
  });

  it('is told with the line that fixes it: a file of keys from Windows', async () => {
    const { secretsFile } = machine.layout;
    const before = readFileSync(secretsFile, 'utf8');
    writeFileSync(secretsFile, before.replaceAll('\n', '\r\n'));
    const { diagnoses } = examined(await doctor(machine, '--json'));
    writeFileSync(secretsFile, before);
    expect(diagnoses).toMatchObject([{ check: 'answers', cause: expect.stringContaining('carriage return') }]);
    expect(diagnoses[0]?.fix).toContain(`sed -i`);
  });

  it('is told within seconds: LM Studio and the cloud do not answer', async () => {
    await machine.world.sleep();
    machine.world.claudeApi.settings.faults.push({ on: 'any', does: 'silence' });
    const run = await doctor(machine, '--json');
    await machine.world.wake();
    machine.world.claudeApi.reset();
    expect(checksIn(run)).toEqual(['local-server', 'cloud-key']);
    expect(examined(run).diagnoses.map(({ ailment }) => ailment)).toEqual(['lm-studio', 'cloud-key']);
    expect(examined(run).ms).toBeLessThan(10_000);
  });

  it('has a local server by a name that it had before 1.2, too', async () => {
    const { looked } = examined(await doctor(machine, '--json', '--only', 'lm-studio,model'));
    expect(looked.map(({ id }) => id)).toEqual(['local-server', 'model']);
  });
});

describe('several things at once', () => {
  const profile = () => `${machine.account.home}/.profile`;
  const isOpen = () => (statSync(machine.layout.secretsFile).mode & 0o077) !== 0;

  it('are only shown by a dry run, and not fixed without a yes where nobody can be asked', async () => {
    chmodSync(machine.layout.secretsFile, 0o644);
    appendFileSync(profile(), 'export ANTHROPIC_API_KEY=sk-ant-CANARY\n');
    rmSync(machine.layout.launchers['claude-local']);
    chooseContext(machine, 'default');
    machine.log.forget();
    const shown = await doctor(machine, '--fix', '--dry-run');
    expect(shown.exitCode).toBe(2);
    expect(shown.output).toMatch(/use the context rootless/);
    const refused = await doctor(machine, '--fix');
    expect(refused.exitCode).toBe(64);
    expect(refused.output).toMatch(/add {2}--yes/);
    expect(mutatingLines(machine)).toEqual([]);
    expect(isOpen()).toBe(true);
  });

  it('are fixed one by one with --only', async () => {
    expect((await doctor(machine, '--fix', '--yes', '--only', 'docker-context')).exitCode).toBe(0);
    expect(contextInUse(machine)).toBe('rootless');
    expect(isOpen()).toBe(true);
  });

  it('are told with their lines, agreed to once, fixed with backups, and gone', async () => {
    const found = await doctor(machine, '--json');
    expect([...checksIn(found)].sort()).toEqual(['api-key', 'drift', 'secrets-file']);
    expect(examined(found).diagnoses.find(({ check }) => check === 'api-key')?.evidence[0]?.path).toBe(profile());
    expect(examined(found).diagnoses.every(({ fixable, fix }) => fixable && fix.includes('doctor --fix'))).toBe(true);
    const fixed = await doctor(machine, '--fix', '--yes');
    expect(fixed.exitCode).toBe(0);
    expect(unwrapped(fixed.output)).toMatch(/What will change: .* in 3 steps.*Looking again.*Healthy/);
    expect(fixed.output + found.output).not.toContain('CANARY');
    expect(isOpen()).toBe(false);
    expect(readFileSync(profile(), 'utf8')).toContain(': #claude-routing# export ANTHROPIC_API_KEY=sk-ant-CANARY\n');
    const journal = readFileSync(machine.layout.journal, 'utf8');
    expect(journal).toContain('"began":"doctor"');
    expect(journal).not.toContain('CANARY');
  });

  it('are fixed although one of them cannot be', async () => {
    writeFileSync(profile(), 'if true; then export ANTHROPIC_API_KEY=sk-ant-CANARY; fi\n');
    chooseContext(machine, 'default');
    const fixed = await doctor(machine, '--fix', '--yes');
    expect(fixed.exitCode).toBe(1);
    expect(unwrapped(fixed.output)).toMatch(/ANTHROPIC_API_KEY among other commands Fix: remove it by hand \(nano \+1/);
    expect(contextInUse(machine)).toBe('rootless');
    expect(unwrapped(fixed.output)).toMatch(/Looking again . api-key:/);
  });
});

describe('where nothing is installed', () => {
  it('the machine itself is looked at', async () => {
    const bare = await freshMachine();
    const { onDisk } = bare;
    mkdirSync(onDisk('/var/lib/apt/lists'), { recursive: true });
    writeFileSync(onDisk('/var/lib/apt/lists/debian_dists_trixie_InRelease'), '');
    const { exitCode, output } = await doctor(bare);
    expect(unwrapped(output)).toMatch(/Nothing is installed for claude: only the machine itself was checked\. Healthy/);
    expect(exitCode).toBe(0);
  });

  it('a manager that does not answer is found', async () => {
    const bare = await freshMachine({ bus: false });
    expect(checksIn(await doctor(bare, '--json'))).toContain('user-bus');
  });
});
