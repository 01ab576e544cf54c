import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { environmentFor, paperProgram, runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { freshMachine, toldProblems } from './paper.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';

const ctrlC = '\x03';
const down = '\x1b[B';

async function wizard(machine: PaperMachine): Promise<PseudoTerminal> {
  const words = ['--set', `gateway.port=${machine.gatewayPort}`, '--only', 'secrets'];
  return new PseudoTerminal([process.execPath, await paperProgram(), ...words], {
    columns: 100,
    env: environmentFor(machine, { ANTHROPIC_DIRECT_KEY: undefined }) as Record<string, string>,
  });
}

/** Answers questions in order, each once it is asked; a line break is added. */
async function answer(terminal: PseudoTerminal, answers: readonly (readonly [question: string, typed: string])[]) {
  for (const [question, typed] of answers) {
    await terminal.sees(`> ${question}`);
    terminal.type(`${typed}\r`);
    await terminal.sees(`✓ ${question}`);
  }
}

/** Up to the key. */
const untilKey = [
  ['Address', '192.168.1.20'],
  ['Model', ''],
  ['Cloud', ''],
] as const;
/** Up to the model in front, with another choice of tools than the one that is offered. */
const fromKey = [
  ['Profile', ''],
  ['Failover', ''],
  ['More questions', down],
  ['Reading speed', ''],
  ['Tools', down],
] as const;
const enters = untilKey.map(([question]) => [question, ''] as const);

test('answers outlive Ctrl-C and a lost connection, without keys, and are forgotten once they are saved', async () => {
  const machine = await freshMachine();
  const { answersSoFar, savedAnswers } = machine.layout;
  const key = machine.world.keys.anthropic;

  const first = await wizard(machine);
  await answer(first, untilKey);
  await first.sees('> Key');
  first.type(key);
  await first.sees('•');
  first.type(ctrlC);
  expect(await first.exitCode()).toBe(130);
  expect(first.text).toContain('Your answers so far are saved, without keys');
  const kept = JSON.parse(readFileSync(answersSoFar, 'utf8')) as { answers: Record<string, string> };
  expect(Object.keys(kept.answers)).toEqual(['local-address', 'local-model', 'cloud']);
  expect(statSync(answersSoFar).mode & 0o777).toBe(0o600);

  const second = await wizard(machine);
  await second.sees('Your earlier answers are offered again');
  await answer(second, enters);
  await answer(second, [['Key', key], ...fromKey]);
  await answer(second, [['Main model', down]]);
  await answer(second, [
    ['Options', ' '],
    ['Further servers', '192.168.1.20:8080'],
  ]);
  await answer(second, [['What now?', `${down}${down}`]]);
  await second.sees('> Go on?');
  second.hangUp();
  // The kernel and the shell tell of it, each in its own moment.
  second.signal('SIGHUP');
  second.signal('SIGHUP');
  expect(await second.exitCode()).toBe(129);
  const text = readFileSync(answersSoFar, 'utf8');
  expect(JSON.parse(text)).toMatchObject({ answers: { ...kept.answers, 'main-model': 'claude-opus-5-5' } });
  expect(text).not.toContain(key.slice(-12));

  const third = await wizard(machine);
  await answer(third, [...enters, ['Key', key], ...fromKey.map(([question]) => [question, ''] as const)]);
  await answer(third, [['Main model', '']]);
  await answer(third, [
    ['Options', ''],
    ['Further servers', ''],
    ['What now?', `${down}${down}`],
    ['Go on?', ''],
  ]);
  expect(await third.exitCode()).toBe(0);
  expect(existsSync(answersSoFar)).toBe(false);
  const saved = readFileSync(savedAnswers, 'utf8');
  expect(saved).toContain('main: claude-opus-5-5');
  expect(saved).toContain('leanLocal: false');
  expect(saved).toMatch(/moreAddresses:\s+- http:\/\/192\.168\.1\.20:8080/);
}, 240_000);

test('what was kept and cannot be read, or be chosen any more, is passed over in words', async () => {
  const machine = await freshMachine();
  const first = await wizard(machine);
  await answer(first, [['Address', '192.168.1.20']]);
  await first.sees('> Model');
  first.signal('SIGTERM');
  expect(await first.exitCode()).toBe(143);
  for (const [text, note] of [
    ['{"version": 1, "answers": {"local-address": "127.0.0.1", "local-model": "gone/model"}}', 'are offered again'],
    ['{"version": 2}', 'holds no readable answers of an earlier run'],
    ['not JSON', 'holds no readable answers of an earlier run'],
  ] as const) {
    writeFileSync(machine.layout.answersSoFar, text);
    const terminal = await wizard(machine);
    await terminal.sees(note);
    await answer(terminal, [
      ['Address', '192.168.1.20'],
      ['Model', ''],
    ]);
    terminal.type(ctrlC);
    expect(await terminal.exitCode()).toBe(130);
    expect(toldProblems(terminal.text)).toEqual([]);
  }
  const { exitCode, output } = await runInstaller(machine, ['uninstall', '--yes']);
  expect(exitCode, output).toBe(0);
  expect(existsSync(machine.layout.answersSoFar)).toBe(false);
}, 240_000);
