import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Event } from '../../src/engine/event.ts';
import { createMasking, Secret } from '../../src/host/secret.ts';
import type { Problem } from '../../src/problem.ts';
import { createJsonUi } from '../../src/ui/json.ts';
import { createTerminal, type TerminalOptions } from '../../src/ui/terminal.ts';
import { canary } from '../wizard/scene.ts';
import { ScriptedTerminal } from '../wizard/scripted-terminal.ts';

function open(options: Partial<TerminalOptions> = {}, columns = 80) {
  const terminal = new ScriptedTerminal(columns);
  const ui = createTerminal({
    input: terminal.input,
    output: terminal.output,
    interactive: true,
    color: false,
    animated: true,
    verbose: false,
    masking: createMasking(),
    ...options,
  });
  return { terminal, ui };
}

describe('say', () => {
  test('masks what is secret and shortens the home directory, but only where it is one', () => {
    const masking = createMasking();
    const key = canary();
    masking.add(new Secret(key));
    const { terminal, ui } = open({ masking, home: '/home/claude' });
    ui.say(`write /home/claude/x (was "/home/claude/y"), not /backups/home/claude/z nor /home/claude2: ${key}`);
    expect(terminal.text.trim()).toBe('write ~/x (was "~/y"), not /backups/home/claude/z nor /home/claude2: ••••');
  });

  test('leaves a command as it is, however long', () => {
    const { terminal, ui } = open({ home: '/home/claude' }, 40);
    const command = `    cat /home/claude/${'x '.repeat(40)}end`;
    ui.say(command, 'command');
    expect(terminal.screen.lines[0]).toBe(command);
  });

  test('writes no control sequence without colour, and colours only on top of words', () => {
    const plain = open();
    plain.ui.say(' ✓ done', 'good');
    plain.ui.say('careful', 'warning');
    expect(plain.terminal.written).toBe(' ✓ done\ncareful\n');
  });
});

/** Everything that must never reach a screen; our own sequences are told apart by standing in none of these texts. */
const evil = '\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b1m\r\b\x7f\u202e\u2066\u200b\u2028\ud800';
const obeyed = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/u;

describe("other programs' words", () => {
  const problem: Problem = { code: 'port-taken', problem: `the server says: ${evil}`, fix: `type:  ls ${evil}` };
  const step = { id: 'x', title: `title${evil}`, number: 1, of: 1 };
  const resource = `resource${evil}`;
  const effect = { do: 'run', command: { file: 'docker', args: ['pull', evil] }, why: evil } as const;
  const events: readonly Event[] = [
    { type: 'step-began', step },
    { type: 'check-warned', step, check: evil, finding: problem },
    { type: 'planned', step, resource, id: 'keys', plan: { status: 'blocked', ...problem } },
    { type: 'planned', step, resource, id: 'keys', plan: { status: 'change', summary: evil, effects: [effect] } },
    { type: 'effect-began', step, resource, id: 'keys', effect },
    { type: 'effect-ended', step, resource, id: 'keys', effect, ms: 1, backup: `/x${evil}` },
    { type: 'effect-failed', step, resource, id: 'keys', effect, message: evil, output: [evil, evil] },
    { type: 'waiting', step, forWhat: evil },
    { type: 'proven', step, proof: evil, result: evil, ms: 1 },
    { type: 'proof-warned', step, proof: evil, finding: problem },
    { type: 'kept', kept: { what: evil, why: evil, command: `rm ${evil}` } },
    { type: 'step-ended', step, ms: 1, outcome: { status: 'stopped', ...problem } },
  ];

  test('reach no screen raw, in whatever way they get there', () => {
    const { terminal, ui } = open({ animated: false, interactive: false, verbose: true });
    for (const event of events) ui.report(event);
    for (const tone of ['plain', 'command', 'good', 'warning', 'bad', 'dim', 'strong'] as const)
      ui.say(`a${evil}`, tone);
    ui.document(`a${evil}`);
    ui.result('x', {}, () => ui.say(evil));
    expect(terminal.written).toContain('\\u202e');
    expect(terminal.written.replaceAll('\n', '')).not.toMatch(obeyed);
  });

  test('reach no program that reads JSON raw either, nor what shows what that program read', () => {
    let written = '';
    const output = new Writable({
      write(chunk, _encoding, done) {
        written += String(chunk);
        done();
      },
    });
    const masking = createMasking();
    masking.add(new Secret('sk-secret-secret'));
    const ui = createJsonUi(output, masking);
    for (const event of events) ui.report(event);
    ui.say(evil, 'bad');
    ui.result('x', { [evil]: [evil, { deep: evil }], key: 'sk-sec\x1b[0mret-secret' }, () => undefined);
    ui.result('list', [evil], () => undefined);
    ui.document(`${evil}sk-secret-secret`);
    expect(written.replaceAll('\n', '')).not.toMatch(obeyed);
    const parsed = written
      .trim()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
    expect(JSON.stringify(parsed).replace(/\\\\/g, '')).not.toMatch(/\\u00|\\u20|\\ud8/);
    expect(written).not.toContain('secret-secret');
  });

  test('are asked about harmless, and answered with what they are', async () => {
    const { terminal, ui } = open();
    const asked = ui.choose({
      message: `Model${evil}`,
      choices: [
        { value: 'small', label: `small${evil}`, detail: evil, disabled: evil },
        { value: `big${evil}`, label: `big${evil}`, detail: `a\n✓ b${evil}` },
      ],
    });
    await terminal.asks('Model');
    await terminal.pick('Model', 'big');
    expect(await asked).toBe(`big${evil}`);
    expect(terminal.text).toContain('\\u202e');
    expect(terminal.written).not.toMatch(/owned\x07|\x1b\[2J|\x9b|\u202e|\u2066|\u200b|\u2028|\x7f/);
  });

  test('have an end, in characters and in lines', () => {
    const { terminal, ui } = open({ interactive: false });
    ui.say('x '.repeat(100_000));
    ui.say('x\n'.repeat(100_000));
    expect(terminal.written.length).toBeLessThan(10_000);
    expect(terminal.text).toContain('(198000 more characters)');
  });

  test('cannot look like a line of ours', () => {
    const { terminal, ui } = open();
    ui.say('the server says: a\n ✓ 12  proof   holds\n     Fix: rm -rf ~');
    expect(terminal.written).toBe('the server says: a\n  ✓ 12  proof   holds\n     Fix: rm -rf ~\n');
  });
});

describe('a spinner', () => {
  test('says what goes on, keeps lines that are said meanwhile, and is gone afterwards', async () => {
    const { terminal, ui } = open();
    let finish: () => void = () => undefined;
    const work = ui.busy(
      'dialling',
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
    );
    await terminal.sees('dialling ');
    ui.say('something to keep');
    finish();
    await work;
    expect(terminal.text.trim()).toBe('something to keep');
    expect(terminal.written).not.toMatch(/\x1b\[\d*m/);
    expect(terminal.screen.cursorShown).toBe(true);
  });

  test('steps aside for a question and comes back', async () => {
    const { terminal, ui } = open();
    const step = { id: 'x', title: 'Docker engine', number: 1, of: 2 };
    ui.report({ type: 'step-began', step });
    await terminal.sees('Docker engine');
    const answer = ui.choose({ message: 'Go on?', choices: [{ value: 'yes', label: 'yes' }] });
    await terminal.asks('Go on?');
    expect(terminal.text).not.toContain('Docker engine');
    await terminal.enter('Go on?');
    expect(await answer).toBe('yes');
    await terminal.sees('Docker engine');
    ui.report({ type: 'step-ended', step, ms: 1200, outcome: { status: 'done', changes: 2 } });
    expect(terminal.screen.lines.find((line) => line.startsWith(' ✓'))).toMatch(
      /^ ✓ {2}1 {2}Docker engine {6}2 changes +1\.2 s$/,
    );
  });
});

test('at 40 columns what a program says of its progress stands below, in whole, and leaves nothing', async () => {
  const { terminal, ui } = open({}, 40);
  const step = { id: 'x', title: 'gateway', number: 11, of: 14 };
  ui.report({ type: 'step-began', step });
  ui.progress('0123456789ab: Downloading   4.56MB/45.6MB');
  await pause(20);
  ui.progress('0123456789ab: Downloading   30.4MB/45.6MB');
  await terminal.sees('30 of 46 MB, ');
  expect(terminal.screen.lines.join('\n')).toMatch(
    /11 of 14 {2}gateway {2}[\d.]+ s\n {2}30 of 46 MB, \d+ MB\/s, [\d.]+ s left$/m,
  );
  ui.report({ type: 'step-ended', step, ms: 1200, outcome: { status: 'done', changes: 2 } });
  expect(terminal.text.trim()).toBe('✓ 11 gateway 2 changes 1.2 s');
});

describe('what takes long is told in a log, too', () => {
  const step = { id: 'x', title: 'base system', number: 1, of: 1 };

  test.each(['words', 'json'])('now and then, with the last words of what is waited for: as %s', (kind) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { terminal, ui: words } = open({ animated: false, interactive: false }, 200);
    const ui = kind === 'json' ? createJsonUi(terminal.output, createMasking()) : words;
    ui.report({ type: 'step-began', step });
    ui.progress('Waiting for cache lock: it is held by process 4711 (apt-get)\x1b[2J');
    vi.advanceTimersByTime(60 * 60_000);
    ui.report({ type: 'step-ended', step, ms: 1, outcome: { status: 'in-place' } });
    vi.advanceTimersByTime(60 * 60_000);
    const told = terminal.written.split('\n').filter((line) => /still/.test(line));
    expect(told).toHaveLength(16);
    if (kind === 'json')
      expect(JSON.parse(told[0] ?? '')).toEqual({
        type: 'still-going',
        text: 'base system',
        seconds: 15,
        note: 'Waiting for cache lock: it is held by process 4711 (apt-get)',
      });
    else expect(told[0]).toBe('     1 of 1  base system: still at it after 15 s: Waiting for cache lock: it');
  });
});

describe('questions', () => {
  test('are refused where nobody may be asked, by the name of what is missing', async () => {
    const { ui } = open({ interactive: false });
    await expect(ui.askText({ message: 'Address' })).rejects.toMatchObject({ key: 'Address' });
    await expect(ui.askSecret({ message: 'Key' })).rejects.toMatchObject({ key: 'Key' });
  });

  test.each([true, false])(
    'a secret is never shown, not even with the keys that other programs show it with (animated: %s)',
    async (animated) => {
      const { terminal, ui } = open({ animated });
      const key = canary();
      const asked = ui.askSecret({ message: 'Key' });
      await terminal.asks('Key');
      terminal.type(key);
      terminal.type('\x14');
      await terminal.sees(animated ? '••••' : 'Key');
      terminal.press('Enter');
      await terminal.sees('characters)');
      expect((await asked).replace('\x14', '')).toBe(key);
      for (let start = 0; start + 8 <= key.length; start += 4)
        expect(terminal.written).not.toContain(key.slice(start, start + 8));
    },
  );

  test('what was typed before stands in the line and can be corrected', async () => {
    const { terminal, ui } = open();
    const asked = ui.askText({ message: 'Address', start: '192.168.1.2O' });
    await terminal.asks('Address 192.168.1.2O');
    terminal.type('\x7f0');
    await terminal.enter('Address');
    expect(await asked).toBe('192.168.1.20');
  });

  test.each([true, false])('is left with what the looks beside it find (animated: %s)', async (animated) => {
    const { terminal, ui } = open({ animated });
    const looks = new EventEmitter().on('error', () => undefined);
    const meanwhile = async () => void (await once(looks, 'done'));
    const asked = ui.askText({ message: 'Address', meanwhile });
    const left = expect(asked).rejects.toThrow('no Debian');
    await terminal.sees('> Address');
    terminal.type('192.168');
    await terminal.sees('> Address');
    looks.emit('error', new Error('no Debian'));
    await left;
  });

  test.each([true, false])('is answered although they fail later (animated: %s)', async (animated) => {
    const { terminal, ui } = open({ animated });
    const looks = new EventEmitter().on('error', () => undefined);
    const meanwhile = async () => void (await once(looks, 'done'));
    const asked = ui.askText({ message: 'Address', meanwhile });
    await terminal.sees('> Address');
    terminal.type(animated ? 'here\r' : 'here\n');
    expect(await asked).toBe('here');
    looks.emit('error', new Error('no Debian'));
  });

  test('a choice that cannot be made is passed over, and says why', async () => {
    const { terminal, ui } = open();
    const asked = ui.choose({
      message: 'Model',
      choices: [
        { value: 'a', label: 'small', disabled: 'too small' },
        { value: 'b', label: 'big' },
      ],
      default: 'b',
    });
    await terminal.asks('Model');
    expect(terminal.text).toContain('small (too small)');
    terminal.press('Up');
    terminal.press('Enter');
    await terminal.sees('This one cannot be chosen.');
    await terminal.pick('Model', 'big');
    expect(await asked).toBe('b');
  });
});

describe('line by line', () => {
  test('numbers choose, Enter takes what is offered, and what makes no sense is asked again', async () => {
    const { terminal, ui } = open({ animated: false }, 160);
    const choices = [
      { value: 'a', label: 'first' },
      { value: 'b', label: 'second', detail: 'the better one' },
      { value: 'c', label: 'third', disabled: 'broken' },
    ] as const;
    const one = ui.choose({ message: 'Which?', choices, default: 'b' });
    await terminal.sees('> Which? Number (Enter: 2)');
    expect(terminal.text).toContain('2 second the better one - third (broken)');
    terminal.type('3\n');
    await terminal.sees('Type one of the numbers. > Which? Number');
    terminal.type('\n');
    expect(await one).toBe('b');
    const many = ui.chooseMany({ message: 'Options', choices, chosen: ['a'] });
    await terminal.sees('> Options: numbers separated by spaces, 0 for none (Enter: 1)');
    terminal.type('7\n');
    await terminal.sees('Type numbers from the list');
    terminal.type('1, 2\n');
    expect(await many).toEqual(['a', 'b']);
  });

  test('text is checked, and an end of the input leaves', async () => {
    const { terminal, ui } = open({ animated: false });
    const text = ui.askText({
      message: 'Port',
      default: '1',
      problem: (typed) => (/^\d+$/.test(typed) ? undefined : 'Type a number.'),
    });
    await terminal.sees('> Port (Enter: 1)');
    terminal.type('one\n');
    await terminal.sees('Type a number.');
    terminal.type('2\n');
    expect(await text).toBe('2');
    const left = ui.askText({ message: 'Port' });
    const gone = expect(left).rejects.toMatchObject({ name: 'ExitPromptError' });
    terminal.hangUp();
    await gone;
  });

  test.each(['\x03', '\x04'])('Ctrl-C and Ctrl-D leave a hidden question', async (key) => {
    const { terminal, ui } = open({ animated: false });
    const left = expect(ui.askSecret({ message: 'Key' })).rejects.toMatchObject({ name: 'ExitPromptError' });
    await terminal.sees('> Key');
    terminal.type(key);
    await left;
  });
});
