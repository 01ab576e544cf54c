import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellWord } from '../../src/shell/word.ts';
import { PseudoTerminal } from '../end-to-end/pseudo-terminal.ts';
import { INSIDE } from './lab/wire.ts';
import { openWorld, PROGRAM, type World } from './world.ts';

/*
 * README.md from its first line to its last on a bare machine, typed as fast as it asks, with a clock beside it. What is fetched
 * comes from stand-ins on the same host, so the times are those of the work alone.
 */

let world: World;
const times: (readonly [what: string, seconds: number])[] = [];

beforeAll(async () => {
  world = await openWorld({ program: 'single file' });
});

afterAll(async () => {
  console.log(`\n| typed | s |\n|---|---|\n${times.map(([what, s]) => `| ${what} | ${s.toFixed(1)} |`).join('\n')}`);
  await world?.close();
});

async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const began = performance.now();
  const result = await work();
  times.push([what, (performance.now() - began) / 1000]);
  return result;
}

/** A session on the machine, as `ssh HOST` opens one. */
function session(columns: number, ...words: readonly string[]): PseudoTerminal {
  return new PseudoTerminal(['/usr/bin/ssh', '-tt', ...world.machine.sshArgs(), ...words], { columns, env: {} });
}

it('step by step: the wizard, the plan, the installation, and a launcher', async () => {
  const node = await timed(
    'sudo apt install nodejs',
    async () => await world.machine.ssh('sudo apt-get -qy install nodejs'),
  );
  expect(node).toMatchObject({ exitCode: 0 });
  const keys = ['DOCKER_REPOSITORY', 'CLAUDE_CODE', 'TOOLCHAIN'];
  const set = keys.map((name) => `CLAUDE_ROUTING_${name}_FINGERPRINT=${world.lab.packageKeyFingerprint}`);
  const terminal = session(80, ...set, 'node', PROGRAM);
  const answers = [
    ['Address', INSIDE.lmStudio],
    ['Model', ''],
    ['Cloud', ''],
    ['Key', world.keys.anthropic],
    ['Profile', ''],
    ['Failover', ''],
    ['More questions', ''],
  ] as const;
  await timed('until the first question', async () => await terminal.sees('> Address'));
  await timed('the questions', async () => {
    for (const [question, typed] of answers) {
      await terminal.sees(`> ${question}`);
      terminal.type(`${typed}\r`);
      await terminal.sees(`✓ ${question}`);
    }
    await terminal.sees('> Go on?');
  });
  console.log(terminal.text.slice(terminal.text.indexOf('What will change')));
  terminal.type('\r');
  expect(
    await timed('the installation', async () => await terminal.exitCode(10 * 60_000)),
    terminal.text.slice(-3000),
  ).toBe(0);
  // To be read: fetched ahead on a fast line, the image may be there when its turn comes, and then nothing is counted.
  const told = terminal.text.split(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/).filter((frame) => / gateway .*(MB|layers)/.test(frame));
  console.log(told.filter((_, index) => index % 10 === 0).join('\n'));
  const said = await timed(
    'claude-routed -p hi',
    async () => await world.machine.ssh(`bash -lic 'claude-routed -p hi'`),
  );
  expect(said).toMatchObject({ exitCode: 0 });
});

/** What is typed for a row of the README's table of commands. */
const rows: Readonly<Record<string, readonly string[]>> = {
  install: ['install --yes'],
  plan: ['plan'],
  status: ['status'],
  doctor: ['doctor'],
  'doctor why [NAME]': ['doctor why', 'doctor why ANTHROPIC_BASE_URL'],
  'doctor bundle [FILE]': ['doctor bundle --dry-run'],
  drill: ['drill --yes'],
  usage: ['usage'],
  watch: ['watch --once'],
  'watch page': ['watch page'],
  'routing explain|simulate': ['routing explain', 'routing simulate'],
  'use [PROFILE]': ['use', 'use offline --yes', 'use cloud-foreground --yes'],
  'explain [CODE…]': ['explain docker-silent'],
  'update [PART…]': ['update --check'],
  'secrets set|rotate NAME': ['secrets rotate LITELLM_MASTER_KEY --yes'],
  'restore [RUN [FILE…]]': ['restore'],
  uninstall: ['uninstall --dry-run'],
  'answers init|check|schema|show': [
    'answers init',
    'answers schema',
    'answers show',
    'answers check .config/claude-routing/answers.yaml',
  ],
  'prepare-host': ['prepare-host --print-script'],
  'completion SHELL': ['completion bash'],
};

function rowsOfReadme(): readonly string[] {
  const text = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const [, table = ''] = text.split('\n## Commands\n');
  const [commands = ''] = table.split('\n\n');
  return [...commands.matchAll(/^\| `([^`]+)` \|/gm)].map(([, row = '']) => row.replaceAll('\\|', '|'));
}

it('every command of its table', async () => {
  expect(Object.keys(rows)).toEqual(rowsOfReadme());
  for (const words of Object.values(rows).flat()) {
    // This one goes on until somebody ends it.
    const ended = words === 'watch page' ? 'timeout --preserve-status --signal INT 4 ' : '';
    const line = `bash -lic ${shellWord(`${ended}node ${PROGRAM} ${words}`)}`;
    const { exitCode, stdout, stderr } = await timed(
      words,
      async () => await world.machine.ssh(line, { timeoutMs: 300_000 }),
    );
    expect(ended === '' ? [0, 2] : [0, 130], `${words}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`).toContain(
      exitCode,
    );
  }
});

describe('TAB in a new', () => {
  beforeAll(async () => {
    const made = [
      `printf 'autoload -Uz compinit; compinit -u\\n' > ~/.zshrc`,
      'mkdir -p ~/.config/fish && touch ~/.config/fish/config.fish',
      `node ${PROGRAM} install --yes`,
    ].join(' && ');
    expect(await world.machine.onHost('DEBIAN_FRONTEND=noninteractive apt-get -qy install zsh fish')).toMatchObject({
      exitCode: 0,
    });
    expect(await world.machine.ssh(made, { timeoutMs: 300_000 })).toMatchObject({ exitCode: 0 });
  });

  it.each(['bash', 'zsh', 'fish'])('%s completes commands, and what is completed runs', async (shell) => {
    const terminal = session(100, `exec ${shell} -i`);
    terminal.type('echo re""ady\r');
    await terminal.sees('ready');
    for (const [typed, command] of [
      ['unin\t --help', 'uninstall'],
      ['doctor wh\t --help', 'doctor why'],
      ['help rest\t', 'restore'],
    ] as const) {
      terminal.type(`claude-routing-install ${typed}\r`);
      await terminal.sees(`Usage: claude-routing-install ${command}`);
    }
    terminal.type('exit\r');
    await terminal.exitCode();
  });
});

it('undoing it', async () => {
  const { exitCode, stdout } = await timed('uninstall --yes', async () => await world.install('uninstall --yes'));
  expect(exitCode, stdout.slice(-2000)).toBe(0);
});
