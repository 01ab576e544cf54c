import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Run, runInstaller } from '../machine/paper/installer.ts';
import { paperFoundry } from '../machine/paper/outside-world.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { answersPath, install, sharedMachine } from './paper.ts';

/** Random keys, planted everywhere a key can come from, and looked for everywhere it must not come to. */
describe('planted keys', () => {
  let machine: PaperMachine;
  let runs: readonly Run[];
  let keys: readonly string[];
  let cloudKeys: readonly string[];
  const env = () => ({ LM_API_TOKEN: machine.world.keys.lmStudio });

  beforeAll(async () => {
    machine = await sharedMachine();
    const { world, gatewayPort, onDisk, layout } = machine;
    world.lmStudio.settings.tokens = [world.keys.lmStudio];
    writeFileSync(onDisk('/foundry.key'), world.keys.foundry);
    writeFileSync(answersPath(machine), answersWith(gatewayPort));
    const first = await install(machine, ['--verbose'], { env: env() });
    const gatewayKey = /LITELLM_MASTER_KEY=(\S+)/.exec(readFileSync(layout.secretsFile, 'utf8'))?.[1] ?? '';
    cloudKeys = [world.keys.anthropic, world.keys.foundry, world.keys.lmStudio];
    keys = [...cloudKeys, gatewayKey];
    writeFileSync(
      layout.secretsFile,
      readFileSync(layout.secretsFile, 'utf8').replace(
        /^ANTHROPIC_DIRECT_KEY=.*$/m,
        'ANTHROPIC_DIRECT_KEY=sk-ant-edited-by-hand-0123',
      ),
    );
    const others = [
      ['plan', '--verbose', '--answers', answersPath(machine)],
      ['plan', '--json', '--answers', answersPath(machine)],
      ['install', '--yes', '--verbose', '--answers', answersPath(machine)],
      ['status'],
      ['status', '--json'],
      ['answers', 'show'],
    ];
    const rest: Run[] = [];
    for (const words of others) rest.push(await runInstaller(machine, words, { env: env() }));
    runs = [first, ...rest];
  });

  it('were used: everything was installed and proven with them', () => {
    expect(
      runs.map(({ exitCode }) => exitCode),
      runs.map(({ output }) => output).join('\n'),
    ).toEqual([0, 2, 2, 0, 0, 0, 0]);
    expect(keys.filter((key) => key.length < 20)).toEqual([]);
  });

  it('are shown by no command, not with --verbose, --json or a difference', () => {
    for (const key of keys) expect(runs.filter(({ output }) => output.includes(key))).toEqual([]);
  });

  it('are in no argument of any program', () => {
    for (const key of keys) expect(machine.log.calls.filter(({ line }) => line.includes(key))).toEqual([]);
  });

  it('are in the environment of no program, but for the gateway key of the client', () => {
    const holding = (key: string) =>
      machine.log.calls.filter(({ env: given }) => Object.values(given).some((value) => value.includes(key)));
    for (const key of cloudKeys) expect(holding(key).map(({ line }) => line)).toEqual([]);
    expect(new Set(holding(keys[3] ?? '').map(({ program }) => program))).toEqual(new Set(['claude']));
  });

  it('are in one file for one pair of eyes, and in what is kept of it', () => {
    const files = filesBelow(machine.folder).filter((path) =>
      keys.some((key) => readFileSync(path, 'utf8').includes(key)),
    );
    const allowed = files.filter((path) => path.endsWith('/.config/claude-secrets.env'));
    expect(files.filter((path) => !allowed.includes(path) && path !== machine.onDisk('/foundry.key'))).toEqual([]);
    expect(allowed).toContain(machine.layout.secretsFile);
    expect(allowed.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
  });

  it('are in no name of a file', () => {
    const names = filesBelow(machine.folder).join('\n');
    expect(keys.filter((key) => names.includes(key))).toEqual([]);
  });
});

function answersWith(port: number): string {
  return `version: 1
localModel: { address: 192.168.1.20, model: qwen/qwen3.6-35b-a3b, token: env:LM_API_TOKEN }
cloud:
  anthropic: { key: env:ANTHROPIC_DIRECT_KEY }
  foundry: { resource: ${paperFoundry}, key: "file:/foundry.key", deployments: { sonnet: claude-sonnet-4-6 } }
failover: { allowed: true }
gateway: { port: ${port} }
`;
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
}
