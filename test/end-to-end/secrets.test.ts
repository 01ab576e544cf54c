import { randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderTree } from '../machine/paper/folder-tree.ts';
import { type Run, type RunOptions, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { freshMachine, installed, sharedMachine, unwrapped } from './paper.ts';

const newKey = (): string => `sk-ant-api03-${randomBytes(24).toString('hex')}`;

/** `secrets …` in a shell that has no key in its environment. */
async function secrets(machine: PaperMachine, words: string, options: RunOptions = {}): Promise<Run> {
  const env = { ANTHROPIC_DIRECT_KEY: undefined, ...options.env };
  return await runInstaller(machine, ['secrets', ...words.split(' ')], { ...options, env });
}

function keptValue({ layout }: PaperMachine, variable: string): string | undefined {
  return new RegExp(`^${variable}=(.*)$`, 'm').exec(readFileSync(layout.secretsFile, 'utf8'))?.[1];
}

function filesWith(machine: PaperMachine, text: string): readonly string[] {
  const entries = readdirSync(machine.folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  return files.filter((file) => readFileSync(file, 'utf8').includes(text));
}

describe('a key of the cloud that is replaced', () => {
  const places: readonly (readonly [
    place: string,
    from: string,
    give: (machine: PaperMachine, key: string) => RunOptions,
  ])[] = [
    ['a variable', 'env:NEW_KEY', (_, key) => ({ env: { NEW_KEY: key } })],
    ['standard input', '-', (_, key) => ({ input: `${key}\n` })],
    [
      'a file',
      'file:/new.key',
      (machine, key) => {
        writeFileSync(machine.onDisk('/new.key'), `${key}\n`);
        return {};
      },
    ],
  ];

  it.each(places)('comes out of %s, is proven, and its former value is gone', async (_, from, give) => {
    const machine = await installed(await freshMachine());
    const former = machine.world.keys.anthropic;
    const key = newKey();
    machine.world.claudeApi.settings.keys = { [key]: null };
    appendFileSync(machine.layout.secretsFile, '# a line of my own\nMY_TOKEN=kept\n');
    const { exitCode, output } = await secrets(
      machine,
      `rotate ANTHROPIC_DIRECT_KEY --yes --from ${from}`,
      give(machine, key),
    );
    expect(exitCode, output).toBe(0);
    expect(unwrapped(output)).toContain('The former value works until you revoke it: platform.claude.com');
    expect(keptValue(machine, 'ANTHROPIC_DIRECT_KEY')).toBe(key);
    expect(keptValue(machine, 'MY_TOKEN')).toBe('kept');
    expect(filesWith(machine, former)).toEqual([]);
    expect(output).not.toContain(key);
    expect(machine.log.calls.filter(({ line }) => line.includes(key) || line.includes(former))).toEqual([]);
    const again = await runInstaller(machine, ['plan'], { env: { ANTHROPIC_DIRECT_KEY: undefined } });
    expect(again.exitCode, again.output).toBe(0);
  });
});

describe("the gateway's own key", () => {
  it('is made here and nobody has to know it', async () => {
    const machine = await installed(await freshMachine());
    const former = keptValue(machine, 'LITELLM_MASTER_KEY') ?? '';
    const { exitCode, output } = await secrets(machine, 'rotate LITELLM_MASTER_KEY --yes');
    expect(exitCode, output).toBe(0);
    expect(keptValue(machine, 'LITELLM_MASTER_KEY')).toMatch(/^sk-[0-9a-f]{64}$/);
    expect(keptValue(machine, 'LITELLM_MASTER_KEY')).not.toBe(former);
    expect(filesWith(machine, former)).toEqual([]);
    expect(unwrapped(output)).toContain('Running sessions have the former key');
  });
});

describe('what cannot be done', () => {
  let machine: PaperMachine;
  beforeAll(async () => {
    machine = await installed(await sharedMachine());
  });

  const typed = newKey();
  const rows: readonly {
    readonly words: string;
    readonly exitCode: number;
    readonly says: string;
    readonly input?: string;
    readonly accepted?: boolean;
  }[] = [
    { words: 'set ANTHROPIC_DIRECT_KAY', exitCode: 64, says: 'did you mean ANTHROPIC_DIRECT_KEY?' },
    {
      words: 'set AZURE_API_KEY --yes --from -',
      exitCode: 65,
      says: 'Azure AI Foundry is not among your answers',
      input: 'x'.repeat(40),
    },
    {
      words: 'rotate LM_STUDIO_API_KEY --yes --from -',
      exitCode: 65,
      says: 'there is no LM_STUDIO_API_KEY to rotate',
      input: 'abcdefgh',
    },
    { words: 'set ANTHROPIC_DIRECT_KEY', exitCode: 64, says: 'nobody can be asked for ANTHROPIC_DIRECT_KEY here' },
    { words: 'set ANTHROPIC_DIRECT_KEY --yes --from -', exitCode: 65, says: 'nothing was given', input: '\n' },
    { words: 'set ANTHROPIC_DIRECT_KEY --yes --from env:NOT_THERE', exitCode: 65, says: 'nothing was given' },
    { words: 'set ANTHROPIC_DIRECT_KEY --yes --from file:/not/there', exitCode: 65, says: 'nothing was given' },
    {
      words: `set ANTHROPIC_DIRECT_KEY --yes --from ${typed}`,
      exitCode: 64,
      says: 'takes a place, never the key itself',
    },
    { words: 'set ANTHROPIC_DIRECT_KEY --yes --from -', exitCode: 69, says: 'key', input: newKey() },
    {
      words: 'set ANTHROPIC_DIRECT_KEY --from -',
      exitCode: 64,
      says: 'nobody can confirm',
      input: newKey(),
      accepted: true,
    },
  ];

  it.each(rows)('secrets $words ends with $exitCode', async ({ words, exitCode, says, input, accepted = false }) => {
    const before = folderTree(machine.folder);
    const { world } = machine;
    world.claudeApi.settings.keys = { [world.keys.anthropic]: null, ...(accepted ? { [input ?? '']: null } : {}) };
    const run = await secrets(machine, words, input === undefined ? {} : { input });
    expect(run.exitCode, run.output).toBe(exitCode);
    expect(unwrapped(run.output)).toContain(says);
    expect(unwrapped(run.output)).toMatch(/Fix: \S/);
    expect(run.output).not.toContain(typed);
    expect(folderTree(machine.folder)).toEqual(before);
  });

  it('says so when the value is the one that is there', async () => {
    const run = await secrets(machine, 'set ANTHROPIC_DIRECT_KEY --yes --from -', {
      input: machine.world.keys.anthropic,
    });
    expect(run.exitCode).toBe(65);
    expect(unwrapped(run.output)).toContain('that is already the value of ANTHROPIC_DIRECT_KEY');
  });
});
