import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { handbook } from '../../src/cli/handbook.ts';
import { install } from '../../src/commands/install.ts';
import { createMasking } from '../../src/host/secret.ts';
import { layoutFor } from '../../src/layout.ts';
import type { Program } from '../../src/session/program.ts';
import { leave, type Scripted, type ScriptedUi, scriptedUi } from '../machine/doubles/scripted-ui.ts';
import { folderTree } from '../machine/paper/folder-tree.ts';
import { paperHost } from '../machine/paper/paper-host.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { answersPath, freshMachine, mutatingLines } from './paper.ts';

interface Asked {
  readonly machine: PaperMachine;
  readonly ui: ScriptedUi;
  readonly program: Program;
}

/** The command itself in this process, with a person in front who knows what to say. */
async function asked(script: readonly Scripted[]): Promise<Asked> {
  const machine = await freshMachine();
  const ui = scriptedUi(script);
  const program: Program = {
    host: paperHost(machine),
    ui,
    masking: createMasking(),
    account: machine.account,
    layout: layoutFor(machine.account),
    platform: 'linux',
    environment: { ANTHROPIC_DIRECT_KEY: machine.world.keys.anthropic },
    cwd: machine.account.home,
    yes: false,
    given: { file: answersPath(machine), settings: [], ask: false },
    handbook,
    readInput: async () => await Promise.reject(new Error('nothing is on standard input')),
    signals: {
      received: () => undefined,
      shield: async (work) => await work(),
      whenLeft: () => undefined,
      left: async () => undefined,
    },
    onDisk: machine.onDisk,
    acquireSudo: async () => true,
    run: 'in-process',
  };
  return { machine, ui, program };
}

const allSteps = { only: [], skip: [] };
const saidBy = ({ said }: ScriptedUi): string => said.map(({ text }) => text).join('\n');

describe('the question before anything is changed', () => {
  it.each<[name: string, answer: Scripted[1]]>([
    ['no', 'no'],
    ['Ctrl-C', leave],
  ])('answered with %s changes nothing', async (_, answer) => {
    const { machine, ui, program } = await asked([['Go on?', answer]]);
    const before = folderTree(machine.folder);
    const ended = await install(program, allSteps).catch((error: Error) => error.name);
    expect(ended).toBe(answer === 'no' ? 0 : 'ExitPromptError');
    expect([ui.left, mutatingLines(machine)]).toEqual([[], []]);
    expect(folderTree(machine.folder)).toEqual(before);
  });

  it('shows every command and difference on request, keys excepted, and asks again', async () => {
    const { machine, ui, program } = await asked([
      ['Go on?', 'details'],
      ['Go on?', 'no'],
    ]);
    expect(await install(program, allSteps)).toBe(0);
    expect(saidBy(ui)).toMatch(/\$ sudo env .*apt-get .*install /);
    expect(saidBy(ui)).toContain('(holds keys: its content is not shown)');
    expect(saidBy(ui)).not.toContain(machine.world.keys.anthropic);
  });

  it('answered with yes does it all', async () => {
    const { ui, program } = await asked([['Go on?', 'yes']]);
    expect(await install(program, allSteps), saidBy(ui)).toBe(0);
    expect(ui.events.filter(({ type }) => type === 'proven').length).toBeGreaterThanOrEqual(8);
  });
});

describe('asked before each step', () => {
  const firstSteps = { only: ['secrets', 'base-system', 'service-user'], skip: [] };

  it('does what is agreed to and leaves what is skipped', async () => {
    const { machine, program } = await asked([
      ['Go on?', 'each'],
      ['answers and keys', 'apply'],
      ['base system', 'skip'],
      ['service user', 'apply'],
    ]);
    expect(await install(program, firstSteps)).toBe(0);
    expect(mutatingLines(machine)).toEqual(['loginctl enable-linger claude']);
    expect(readFileSync(machine.layout.secretsFile, 'utf8')).toContain('ANTHROPIC_DIRECT_KEY=');
  });

  it('shows one step in detail and asks for it again', async () => {
    const { ui, program } = await asked([
      ['Go on?', 'each'],
      ['answers and keys', 'skip'],
      ['base system', 'details'],
      ['base system', 'skip'],
      ['service user', 'skip'],
    ]);
    expect(await install(program, firstSteps)).toBe(0);
    expect(saidBy(ui)).toMatch(/apt-get .*install curl/);
    expect(ui.events.filter((event) => event.type === 'step-ended').map((event) => event.outcome.status)).toEqual([
      'declined',
      'declined',
      'declined',
    ]);
  });

  it.each<[name: string, answer: Scripted[1]]>([
    ['stop', 'stop'],
    ['Ctrl-C', leave],
  ])('%s ends it with 130: what was done stays, nothing else is begun', async (_, answer) => {
    const { machine, ui, program } = await asked([
      ['Go on?', 'each'],
      ['answers and keys', 'apply'],
      ['base system', answer],
    ]);
    expect(await install(program, firstSteps)).toBe(130);
    expect([ui.left, mutatingLines(machine)]).toEqual([[], []]);
    expect(saidBy(ui)).toContain('Stopped, as you asked. What was done stays');
    expect(readFileSync(machine.layout.secretsFile, 'utf8')).toContain('LITELLM_MASTER_KEY=sk-');
  });
});
