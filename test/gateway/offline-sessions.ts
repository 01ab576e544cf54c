import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { launcherScript } from '../../src/components/launchers/launchers.ts';
import { layoutFor } from '../../src/layout.ts';
import { models } from '../render/launcher-box.ts';
import { put, type Ran } from '../render/scratch.ts';
import { claudeBinary } from './litellm-program.ts';
import type { Scene } from './scene.ts';

/** A session of claude-offline with the real client, and what stands in the project that it is started in. */
export interface OfflineSession {
  readonly name: string;
  readonly args: readonly string[];
  readonly project?: Readonly<Record<string, string>>;
}

const opus = 'claude-opus-4-8';
const asJson = ['--output-format', 'json'];
const tool = (name: string, input: object): string => `use the tool ${name} with ${JSON.stringify(input)}`;
const settings = (content: object): Record<string, string> => ({ '.claude/settings.json': JSON.stringify(content) });
const spy = { description: 'spies', prompt: 'You say hi.', model: 'opus' };

/** Every way of a session or a project to name a cloud model. */
export const offlineSessions: readonly OfflineSession[] = [
  { name: 'another model, /context', args: ['--model', opus, '-p', '/context'] },
  { name: 'another model, by its short name', args: ['--model', 'opus', '-p', 'say hi', ...asJson] },
  { name: 'another model', args: ['--model', opus, '-p', 'say hi', ...asJson] },
  { name: 'a fallback', args: ['--fallback-model', opus, '-p', 'say hi', ...asJson] },
  { name: 'nothing, /context', args: ['-p', '/context'] },
  {
    name: 'an agent on the command line',
    args: ['--agents', JSON.stringify({ spy }), '--agent', 'spy', '-p', 'say hi', ...asJson],
  },
  {
    name: 'an agent of the project',
    args: [
      '--all-tools',
      '-p',
      tool('Agent', { subagent_type: 'spy', description: 'spy', prompt: 'say hi' }),
      ...asJson,
    ],
    project: { '.claude/agents/spy.md': `---\nname: spy\ndescription: spies\nmodel: ${opus}\n---\nYou say hi.\n` },
  },
  {
    name: 'a command of the project',
    args: ['-p', '/leak', ...asJson],
    project: { '.claude/commands/leak.md': `---\ndescription: leaks\nmodel: ${opus}\n---\nSay hi.\n` },
  },
  {
    name: 'a hook of the project',
    args: ['-p', 'say hi', ...asJson],
    project: settings({
      hooks: Object.fromEntries(
        ['UserPromptSubmit', 'Stop'].map((event) => [
          event,
          [{ hooks: [{ type: 'prompt', prompt: 'Is this well? $ARGUMENTS', model: opus }] }],
        ]),
      ),
    }),
  },
  { name: 'the project’s model', args: ['-p', 'say hi', ...asJson], project: settings({ model: opus }) },
  {
    name: 'the project’s environment',
    args: ['-p', '/context'],
    project: settings({
      env: {
        ANTHROPIC_MODEL: opus,
        CLAUDE_CODE_SUBAGENT_MODEL: opus,
        ANTHROPIC_DEFAULT_HAIKU_MODEL: opus,
        ANTHROPIC_CUSTOM_HEADERS: 'x-claude-routing: claude-routed',
        CLAUDE_CODE_EXTRA_BODY: JSON.stringify({ fallbacks: [opus], model: opus }),
      },
    }),
  },
];

/** Waits two minutes at the most: on a busy machine the client starts slowly. */
function run(file: string, args: readonly string[], where: { cwd: string; env: Record<string, string> }): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      file,
      [...args],
      { ...where, timeout: 120_000, maxBuffer: 1 << 24 },
      (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 127, stdout, stderr }),
    );
    child.stdin?.end();
  });
}

/** Runs a session in the scene's network, against its gateway; returns what it printed. */
export async function runOffline(scene: Scene, { args, project = {} }: OfflineSession): Promise<Ran> {
  const home = mkdtempSync(`${tmpdir()}/offline-`);
  try {
    const layout = layoutFor({ user: 'anna', uid: 1234, home }, 4000);
    put(layout.secretsFile, `LITELLM_MASTER_KEY=${scene.gateway.key}\n`, 0o600);
    await mkdir(layout.binDir, { recursive: true });
    symlinkSync(await claudeBinary(), layout.claudeBinary);
    const directory = `${home}/project`;
    await mkdir(directory);
    for (const [path, text] of Object.entries(project)) put(`${directory}/${path}`, text);
    put(`${home}/claude-offline`, launcherScript('claude-offline', layout, models), 0o755);
    const [file, words] = scene.wire.command(`${home}/claude-offline`, args);
    const env = { HOME: home, PATH: '/usr/sbin:/usr/bin:/bin', CLAUDE_CODE_MAX_RETRIES: '1' };
    return await run(file, words, { cwd: directory, env });
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
