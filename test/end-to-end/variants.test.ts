import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { endpointOf } from '../machine/paper/docker-contexts.ts';
import { folderTree } from '../machine/paper/folder-tree.ts';
import { runInstaller } from '../machine/paper/installer.ts';
import { paperFoundry } from '../machine/paper/outside-world.ts';
import type { PaperMachine, PaperOptions } from '../machine/paper/paper-machine.ts';
import { usualModels } from '../machine/stand-ins/lm-studio-models.ts';
import { answersPath, freshMachine, install, mutatingLines, toldProblems, unwrapped } from './paper.ts';

/** Each part of it means something to YAML, to a shell or to compose. */
const oddId = `größe "x" it's $HOME \`id\` {y}: #1 *`;

interface Config {
  readonly model_list: readonly { readonly litellm_params: { readonly model: string } }[];
}

const local = (port: number): string =>
  `version: 1\nlocalModel: { address: 192.168.1.20, model: qwen/qwen3.6-35b-a3b }\ngateway: { port: ${port} }\n`;

describe('other answers', () => {
  it('local only, with the one oddly named model that is listed: no cloud is asked, proven or written', async () => {
    const models = usualModels().slice(0, 1);
    for (const model of models) model.loaded_instances = model.loaded_instances.map((one) => ({ ...one, id: oddId }));
    const machine = await withAnswers(
      { lmStudio: { models } },
      (port) =>
        `${local(port).replace(', model: qwen/qwen3.6-35b-a3b', '')}cloud: {}\nlaunchers: { statusLine: true }\n`,
    );
    const run = await install(machine, [], { env: { ANTHROPIC_DIRECT_KEY: undefined } });
    expect(run.exitCode, run.output).toBe(0);
    expect(unwrapped(run.output)).toContain('cloud: none chosen');
    expect(machine.world.claudeApi.requests).toEqual([]);
    expect(modelNames(machine)).toEqual(['local', 'local-only', 'anthropic-local']);
    const { model_list: deployments } = parse(readFileSync(machine.layout.gatewayConfig, 'utf8')) as Config;
    expect(new Set(deployments.map((one) => one.litellm_params.model))).toEqual(new Set([`lm_studio/${oddId}`]));
    const launcher = readFileSync(machine.layout.launchers['claude-local'], 'utf8');
    const [, word = ''] = /--arg model ((?:'[^']*'|\\')+)/.exec(launcher) ?? [];
    expect(execFileSync('bash', ['-c', `printf %s ${word}`], { encoding: 'utf8' })).toBe(oddId);
    const again = await install(machine, [], { env: { ANTHROPIC_DIRECT_KEY: undefined } });
    expect(again.exitCode, again.output).toBe(0);
  });

  it('Foundry with a wrong key is refused before anything is changed', async () => {
    const machine = await freshMachine();
    writeFileSync(
      answersPath(machine),
      `version: 1\nlocalModel: { address: 192.168.1.20, model: qwen/qwen3.6-35b-a3b }\ngateway: { port: ${machine.gatewayPort} }\ncloud:\n  foundry: { resource: ${paperFoundry}, key: env:FOUNDRY, deployments: { sonnet: claude-sonnet-4-6 } }\n`,
    );
    const run = await install(machine, [], { env: { FOUNDRY: 'a-key-that-nobody-knows-0123456789' } });
    expect(run.exitCode, run.output).toBe(69);
    expect(toldProblems(run.output)).toHaveLength(1);
    expect(mutatingLines(machine)).toEqual([]);
  });

  it('Foundry behind it, its key from a file', async () => {
    const machine = await withAnswers(
      {},
      (port) =>
        `${local(port)}cloud:\n  foundry: { resource: ${paperFoundry}, key: "file:/foundry.key", deployments: { sonnet: claude-sonnet-4-6 } }\n`,
    );
    writeFileSync(machine.onDisk('/foundry.key'), `${machine.world.keys.foundry}\n`, { mode: 0o600 });
    const run = await install(machine, [], { env: { ANTHROPIC_DIRECT_KEY: undefined } });
    expect(run.exitCode, run.output).toBe(0);
    expect(unwrapped(run.output)).toMatch(/cloud: foundry\/claude-sonnet-4-6 → foundry:claude-sonnet-4-6/);
    expect(machine.world.claudeApi.requests).toEqual([]);
  });

  it('everything opt-in, with a token for LM Studio and a model that has to be loaded', async () => {
    const machine = await withAnswers(
      { lmStudio: { tokens: ['sk-lm-paper-token'], contextLength: 16_384 } },
      (port) =>
        `${local(port).replace('a3b }', 'a3b, contextWindow: 65536, load: true, token: env:LM_API_TOKEN }')}cloud: {}\nsystem: { timezone: Europe/Berlin, fullUpgrade: true, fail2ban: true, firewall: true }\n`,
    );
    machine.state.upgrades = ['libc6', 'openssl'];
    const run = await install(machine, [], { env: { LM_API_TOKEN: 'sk-lm-paper-token' } });
    expect(run.exitCode, run.output).toBe(0);
    expect(machine.state).toMatchObject({
      timezone: 'Europe/Berlin',
      upgrades: [],
      units: { system: { 'fail2ban.service': { active: true }, 'nftables.service': { enabled: true } } },
    });
    expect(machine.world.lmStudio.settings.models[0]?.loaded_instances[0]?.config.context_length).toBe(65_536);
    expect(run.output).not.toContain('sk-lm-paper-token');
  });

  it('another account than claude', async () => {
    const machine = await freshMachine({ user: 'anna', uid: 1234 });
    const run = await install(machine);
    expect(run.exitCode, run.output).toBe(0);
    expect(endpointOf(machine, 'rootless')).toBe('unix:///run/user/1234/docker.sock');
  });
});

it('an account without subordinate ids gets its own, and no range that the setup tool names', async () => {
  const machine = await freshMachine();
  for (const kind of ['subuid', 'subgid']) writeFileSync(machine.onDisk(`/etc/${kind}`), 'bob:100000:65536\n');
  const run = await install(machine);
  expect(run.exitCode, run.output).toBe(0);
  for (const kind of ['subuid', 'subgid'])
    expect(readFileSync(machine.onDisk(`/etc/${kind}`), 'utf8')).toContain('claude:165536:65536');
  const undone = await runInstaller(machine, ['uninstall', '--yes', '--purge']);
  expect(undone.exitCode, undone.output).toBe(0);
  for (const kind of ['subuid', 'subgid'])
    expect(readFileSync(machine.onDisk(`/etc/${kind}`), 'utf8')).toBe('bob:100000:65536\n');
});

describe('the umask', () => {
  it('does not decide any mode', async () => {
    const modes = await Promise.all(
      [0o022, 0o000, 0o077].map(async (umask) => {
        const machine = await freshMachine();
        const run = await install(machine, [], { umask });
        expect(run.exitCode, run.output).toBe(0);
        return modesOf(machine);
      }),
    );
    expect(modes[1]).toEqual(modes[0]);
    expect(modes[2]).toEqual(modes[0]);
    expect(modes[0]).toMatchObject({
      'home/claude/.config/claude-secrets.env': '600',
      'home/claude/litellm/config.yaml': '600',
      'home/claude/.local/bin/claude-routed': '755',
      'home/claude/.local/state/claude-routing/journal.jsonl': '600',
    });
  });
});

async function withAnswers(options: PaperOptions, text: (port: number) => string): Promise<PaperMachine> {
  const machine = await freshMachine(options);
  writeFileSync(answersPath(machine), text(machine.gatewayPort));
  return machine;
}

function modelNames({ layout }: PaperMachine): readonly string[] {
  const config = parse(readFileSync(layout.gatewayConfig, 'utf8')) as { model_list: { model_name: string }[] };
  return config.model_list.map(({ model_name }) => model_name);
}

/** Modes of everything that the installer or its programs made; folders of a run have the run in their names. */
function modesOf({ folder }: PaperMachine): Readonly<Record<string, string>> {
  const rows = Object.entries(folderTree(folder)).filter(([path]) => !path.includes('/backups/'));
  return Object.fromEntries(rows.map(([path, { mode }]) => [path, mode]));
}
