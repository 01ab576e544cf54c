import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { installed, sharedMachine, unwrapped } from './paper.ts';

const key = 'sk-ant-api03-of-the-bashrc-0123456789';

describe('doctor why', () => {
  let machine: PaperMachine;
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(`${machine.account.home}/${path}`), { recursive: true });
    writeFileSync(`${machine.account.home}/${path}`, text);
  };

  beforeAll(async () => {
    machine = await installed(await sharedMachine());
    put('.zshrc', `# export ANTHROPIC_MODEL=not-this\nexport ANTHROPIC_API_KEY=${key}\n`);
    put('.claude/settings.json', '{\n  "env": {\n    "CLAUDE_CODE_MAX_CONTEXT_TOKENS": "32768"\n  }\n}\n');
    put('.claude/settings.local.json', '{ "env": ');
  });

  it('names the winner for each start, and the line of every other place with its reason', async () => {
    const { output, exitCode } = await runInstaller(machine, ['doctor', 'why', 'CLAUDE_CODE_MAX_CONTEXT_TOKENS']);
    expect(exitCode).toBe(0);
    // Started in the home directory, the person's settings are those of the project.
    expect(unwrapped(output)).toContain(
      'claude-local 32768 ~/.claude/settings.json:3 (project settings) as loaded now ~/.local/bin/claude-local:',
    );
    expect(unwrapped(output)).toContain('overridden by project settings');
    expect(unwrapped(output)).toContain('Note: ~/.claude/settings.local.json:1 is not JSON');
  });

  it('lists what is set beside the launchers, keys as fingerprints', async () => {
    const { output } = await runInstaller(machine, ['doctor', 'why']);
    expect(unwrapped(output)).toMatch(/ANTHROPIC_API_KEY key [0-9a-f]{8} ~\/\.zshrc:2: not used: not in this shell/);
    expect(output).not.toContain('not-this');
    expect(output).not.toContain(key);
  });

  it('says the same as JSON', async () => {
    const { stdout } = await runInstaller(machine, ['doctor', 'why', 'ANTHROPIC_API_KEY', '--json'], {
      env: { ANTHROPIC_API_KEY: key },
    });
    const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
      readonly variables: readonly {
        readonly starts: readonly { readonly starter: string; readonly winner: unknown }[];
      }[];
    };
    const starts = said.variables[0]?.starts ?? [];
    expect(starts.map(({ starter }) => starter)).toEqual([
      'claude-routed',
      'claude-local',
      'claude-offline',
      'claude-api',
      'claude',
    ]);
    expect(starts.at(-1)?.winner).toMatchObject({ layer: 'this-shell' });
    expect(stdout).not.toContain(key);
  });

  it.each([
    ['ANTHROPIC_BASE_ULR', 'did you mean ANTHROPIC_BASE_URL?'],
    ['EDITOR', 'no launcher sets EDITOR'],
  ])('of %s tells what is known instead', async (name, words) => {
    const { output, exitCode } = await runInstaller(machine, ['doctor', 'why', name]);
    expect([exitCode, unwrapped(output)]).toEqual([64, expect.stringContaining(words)]);
  });
});
