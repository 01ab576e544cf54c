import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { folderTree } from '../machine/paper/folder-tree.ts';
import { paperProgram } from '../machine/paper/installer.ts';
import { paperFoundry } from '../machine/paper/outside-world.ts';
import { makePaperMachine, type PaperMachine, type PaperOptions } from '../machine/paper/paper-machine.ts';
import { paperFolderVariable } from '../machine/paper/paper-variable.ts';
import { closedAddress } from '../machine/stand-ins/stand-in.ts';
import { serveRaw } from '../services/loopback.ts';
import { TmuxTerminal } from './tmux-terminal.ts';

const big = 'qwen/qwen3.6-35b-a3b';
/** Every question with the Claude API behind. */
const asked = [...['Address', 'Model', 'Cloud', 'Key', 'Profile', 'Failover'], 'More questions'];
/** At whichever port. */
const sleeper = 'http://192.168.1.98:';
const asleep = `${sleeper}1234`;
const silent = 'http://192.168.1.99:1234';

beforeAll(() => {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
  } catch {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-y', 'install', 'tmux'], { stdio: 'ignore', env });
  }
});

async function paperMachine(state?: PaperOptions['state']): Promise<PaperMachine> {
  const machine = await makePaperMachine(state === undefined ? {} : { state });
  onTestFinished(async () => await machine.destroy());
  machine.redirect(sleeper, `${await closedAddress()}/`);
  machine.redirect(silent, await serveRaw(() => undefined));
  return machine;
}

interface Opening {
  readonly columns?: number;
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly redirection?: string;
}

/** Starts the built program in a pane. */
async function open(
  machine: PaperMachine,
  { columns = 80, words = [], env = {}, redirection = '' }: Opening = {},
): Promise<TmuxTerminal> {
  const command = [process.execPath, await paperProgram(), '--set', `gateway.port=${machine.gatewayPort}`, ...words];
  const all = { PATH: '/usr/bin:/bin', HOME: machine.account.home, [paperFolderVariable]: machine.folder, ...env };
  const terminal = new TmuxTerminal(command, { columns, env: all, redirection });
  onTestFinished(() => terminal.close());
  return terminal;
}

/** No line is broken by the edge except a word that nothing can break and what is to be copied; no key is ever there. */
function expectDecent(terminal: TmuxTerminal, machine: PaperMachine, columns: number): void {
  for (const key of Object.values(machine.world.keys)) expect(terminal.text).not.toContain(key.slice(-12));
  const tooLong = terminal.lines.filter(
    (line) => line.length > columns && line.trim().includes(' ') && !line.startsWith('    '),
  );
  expect(tooLong).toEqual([]);
}

/** What is there now: nothing more than before but the answers that were given, and the folders above them. */
function expectOnlyAnswersKept(machine: PaperMachine, before: ReturnType<typeof folderTree>) {
  const home = machine.account.home.slice(machine.folder.length + 1);
  const kept = machine.layout.answersSoFar.slice(machine.folder.length + 1);
  const now = folderTree(machine.folder);
  const isOfKept = (path: string) => path.startsWith(home) && `${kept}/`.startsWith(`${path}/`);
  const others = (tree: typeof now) => Object.fromEntries(Object.entries(tree).filter(([path]) => !isOfKept(path)));
  expect(others(now)).toEqual(others(before));
  expect(now[kept]?.mode).toBe('600');
  return now;
}

describe.each([80, 40])('in a real terminal of %i columns', (columns) => {
  test('from the first question to the last proof, with a wrong address, a wrong key and a Ctrl-C on the way', async () => {
    const machine = await paperMachine();
    const untouched = folderTree(machine.folder);
    const { keys } = machine.world;

    await paperProgram();
    const started = performance.now();
    const first = await open(machine, { columns });
    await first.asks('Address');
    console.log(
      `${columns} columns: ${Math.round(performance.now() - started)} ms from the command to the first question`,
    );
    await first.answer('Address', '192.168.1.20');
    await first.pick('Model', big);
    await first.pick('Cloud', 'none');
    await first.asks('More questions');
    first.press('CtrlC');
    expect(await first.exitCode()).toBe(130);
    expect(first.text).toContain('Cancelled. Nothing was changed.');
    const left = expectOnlyAnswersKept(machine, untouched);

    const second = await open(machine, { columns });
    await second.refused('Address', '127.0.0.1', 'means the container itself there');
    await second.answer('Address', asleep);
    await second.sees('nothing listens on its port 1234');
    await second.pick('What now?', 'type the address again');
    await second.answer('Address', '192.168.1.20');
    await second.pick('Model', big);
    await second.pick('Cloud', 'Claude API');
    await second.answer('Key', `sk-ant-api03-${'x'.repeat(40)}`);
    await second.sees('does not know this key');
    await second.pick('What now?', 'type the key again');
    await second.answer('Key', keys.anthropic);
    await second.pick('Profile', 'local subagents');
    await second.pick('Failover', 'yes');
    await second.enter('More questions');
    await second.sees('What will change:');
    expect(folderTree(machine.folder)).toEqual(left);
    await second.pick('Go on?', 'yes');
    expect(await second.exitCode()).toBe(0);
    expect(second.text).toContain('claude-routed -p: claude-sonnet-5-5 answered');
    expect(second.text).toContain('Done: ');
    expectDecent(second, machine, columns);

    const third = await open(machine, { columns });
    expect(await third.exitCode()).toBe(0);
    expect(third.text).toContain('Nothing to do. Proven again:');
    expect(third.text).not.toContain('> ');

    const again = await open(machine, { columns, words: ['--ask'] });
    for (const question of asked) await again.enter(question);
    expect(await again.exitCode()).toBe(0);
    expect(again.text).toContain('Nothing to do. Proven again:');

    const other = await open(machine, { columns, words: ['--yes', '--set', 'routing.profile=local-first'] });
    expect(await other.exitCode()).toBe(0);
    expect(other.text).toContain('routed local first: everything local');
    expectDecent(other, machine, columns);
    const same = await open(machine, { columns });
    expect(await same.exitCode()).toBe(0);
    expect(same.text).toContain('Nothing to do. Proven again:');
    expect(machine.log.surprises).toEqual([]);
  });
});

describe('in a real terminal', () => {
  test('Ctrl-C while something is dialled ends it at once, with the terminal as it was', async () => {
    const machine = await paperMachine();
    const untouched = folderTree(machine.folder);
    const terminal = await open(machine);
    await terminal.asks('Address');
    terminal.press('CtrlU');
    terminal.type(silent);
    terminal.press('Enter');
    await terminal.sees('dialling');
    terminal.press('CtrlC');
    expect(await terminal.exitCode()).toBe(130);
    expect(terminal.text).toContain('Cancelled. Nothing was changed.');
    expect(terminal.cursorShown).toBe(true);
    expectOnlyAnswersKept(machine, untouched);
  });

  test('Ctrl-C while the reading speed is measured leaves at once, and the seconds were shown', async () => {
    const machine = await paperMachine();
    const untouched = folderTree(machine.folder);
    const terminal = await open(machine);
    await terminal.answer('Address', '192.168.1.20');
    await terminal.pick('Model', big);
    await terminal.pick('Cloud', 'none');
    await terminal.pick('More questions', 'yes');
    await terminal.asks('Reading speed');
    machine.world.lmStudio.settings.prefillTokensPerSecond = 100;
    await terminal.enter('Reading speed');
    await terminal.sees(`measuring how fast ${big} reads 1.`);
    const left = performance.now();
    terminal.press('CtrlC');
    expect(await terminal.exitCode()).toBe(130);
    expect(performance.now() - left).toBeLessThan(10_000);
    expect(terminal.text).toContain('Cancelled. Nothing was changed.');
    expect(terminal.cursorShown).toBe(true);
    expectOnlyAnswersKept(machine, untouched);
  });

  test('step by step: details, a step that is skipped, then a stop', async () => {
    const machine = await paperMachine();
    const terminal = await open(machine);
    await terminal.answer('Address', '192.168.1.20');
    await terminal.pick('Model', big);
    await terminal.pick('Cloud', 'none');
    await terminal.enter('More questions');
    await terminal.pick('Go on?', 'show every command and difference');
    await terminal.sees('sudo');
    await terminal.pick('Go on?', 'ask me before each step');
    await terminal.pick('answers and keys', 'details');
    await terminal.sees('holds keys: its content is not shown');
    await terminal.pick('answers and keys', 'apply');
    await terminal.pick('base system', 'skip');
    await terminal.sees('skipped, as you chose');
    await terminal.pick('service user', 'stop');
    expect(await terminal.exitCode()).toBe(130);
    expect(terminal.text).toContain('What was done stays');
  });

  test('answers can be changed before anything is done, and what was typed is offered', async () => {
    const machine = await paperMachine();
    const terminal = await open(machine);
    await terminal.answer('Address', '192.168.1.20');
    await terminal.pick('Model', big);
    await terminal.pick('Cloud', 'Azure AI Foundry');
    await terminal.answer('Resource', paperFoundry);
    await terminal.answer('Deployments', 'claude-sonnet-4-6, claude-haiku-4-5');
    await terminal.answer('Foundry key', machine.world.keys.foundry);
    await terminal.enter('Profile');
    await terminal.pick('Failover', 'yes');
    await terminal.enter('More questions');
    await terminal.pick('Go on?', 'change my answers first');
    for (const question of ['Address', 'Model', 'Cloud']) await terminal.enter(question);
    for (const question of ['Resource', 'Deployments', 'Foundry key']) await terminal.enter(question);
    await terminal.enter('Profile');
    await terminal.pick('Failover', 'no');
    await terminal.enter('More questions');
    await terminal.sees('none: the local model answers, or nothing does');
    await terminal.pick('Go on?', 'no, change nothing');
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.text).toContain('Nothing was changed.');
    expectDecent(terminal, machine, 80);
  });

  test('what is in the way is told before anything is done, and can be agreed to', async () => {
    const machine = await paperMachine((state) => state.packages.add('docker.io'));
    const terminal = await open(machine);
    await terminal.answer('Address', '192.168.1.20');
    await terminal.pick('Model', big);
    await terminal.pick('Cloud', 'none');
    await terminal.enter('More questions');
    await terminal.sees('This cannot work yet:');
    await terminal.pick('What now?', 'check again');
    await terminal.pick('What now?', 'remove docker.io');
    await terminal.sees('What will change:');
    await terminal.sees('Docker packages: remove docker.io; install 8 packages');
    await terminal.pick('Go on?', 'no, change nothing');
    expect(await terminal.exitCode()).toBe(0);
    expect(machine.state.packages.has('docker.io')).toBe(true);
  });

  test('a terminal that cannot redraw is asked line by line, and shows no key', async () => {
    const machine = await paperMachine();
    const terminal = await open(machine, { env: { TERM: 'dumb' } });
    const lines: readonly (readonly [string, string])[] = [
      ['Address', '192.168.1.20'],
      ['Model Number', '1'],
      ['Cloud Number', '1'],
      ['Key', machine.world.keys.anthropic],
      ['Profile Number', '3'],
      ['Failover Number', '2'],
      ['More questions Number', '2'],
      ['Reading speed Number', ''],
      ['Tools Number', ''],
      ['Main model Number', ''],
      ['Options: numbers', '0'],
      ['Go on? Number', '5'],
    ];
    for (const [question, typed] of lines) await terminal.typeLine(question, typed);
    expect(await terminal.exitCode()).toBe(0);
    expect(terminal.text).toContain('Nothing was changed.');
    expectDecent(terminal, machine, 80);
  });

  test('nothing is asked where nothing can be typed', async () => {
    const machine = await paperMachine();
    const untouched = folderTree(machine.folder);
    const started = performance.now();
    const terminal = await open(machine, { redirection: '< /dev/null' });
    expect(await terminal.exitCode()).toBe(65);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(terminal.text).toContain('localModel.address');
    expect(terminal.question).toBeUndefined();
    expect(folderTree(machine.folder)).toEqual(untouched);
  });
});
