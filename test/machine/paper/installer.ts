import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { commandTree, defaultCommand } from '../../../src/cli/command-tree.ts';
import { allCommands, exitsOf, pathOf } from '../../../src/command-line/command.ts';
import type { PaperMachine } from './paper-machine.ts';
import { paperFolderVariable } from './paper-variable.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** What is shipped, and the same for paper machines. */
const programs = { released: `${root}dist/claude-routing-install.mjs`, onPaper: `${root}build/paper-program.cjs` };

/** How a run of the built program ended. */
export interface Run {
  /** Exit code; of a run that a signal ended, 128 and the signal's number. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly output: string;
  readonly ms: number;
}

export interface RunOptions {
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly umask?: number;
  readonly input?: string;
  /** Called with each piece of output. */
  readonly onOutput?: (text: string) => void;
}

export interface Running {
  readonly ended: Promise<Run>;
  /** To the program alone. */
  signal(name: NodeJS.Signals): void;
  /** To the program and everything that it started, as a terminal does it. */
  signalAll(name: NodeJS.Signals): void;
}

/** The program that is shipped; built unless what was built is newer than everything it is made of. */
export async function builtProgram(): Promise<string> {
  return (await built()).released;
}

/** The program for paper machines, built from the same sources in the same moment. */
export async function paperProgram(): Promise<string> {
  return (await built()).onPaper;
}

async function built(): Promise<typeof programs> {
  for (let waited = 0; isStale(); waited += 100) {
    if (tookLock()) return buildLocked();
    if (waited > 30_000) throw new Error('somebody else has been building for half a minute');
    await pause(100);
  }
  return programs;
}

const lock = `${root}build/.building`;

function tookLock(): boolean {
  try {
    mkdirSync(`${root}build`, { recursive: true });
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

function buildLocked(): typeof programs {
  try {
    execFileSync(process.execPath, ['build.mjs'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    return programs;
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

const ofPaperProgram = ['paper-program', 'paper-variable', 'redirected-machine'].map(
  (name) => `test/machine/paper/${name}.ts`,
);

function isStale(): boolean {
  if (existsSync(lock) || Object.values(programs).some((program) => !existsSync(program))) return true;
  const built = Math.min(...Object.values(programs).map((program) => statSync(program).mtimeMs));
  const sources = ['src', 'templates'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true }),
  );
  const files = sources.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  const others = ['build.mjs', 'package.json', ...ofPaperProgram].map((name) => `${root}${name}`);
  return [...files, ...others].some((file) => statSync(file).mtimeMs > built);
}

/** Starts the program on a paper machine, off any terminal, with nothing of this process's environment but what it needs. */
export async function startInstaller(
  machine: PaperMachine,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Running> {
  const file = await paperProgram();
  const started = performance.now();
  const umask = (options.umask ?? 0o022).toString(8);
  const child = spawn(
    '/bin/sh',
    ['-c', 'umask "$1"; shift; exec "$@"', 'sh', umask, process.execPath, file, ...words],
    {
      env: environmentFor(machine, options.env),
      cwd: machine.account.home,
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that a signal to all of it does not reach the tests.
      detached: true,
    },
  );
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const said = { stdout: '', stderr: '', output: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      said.output += text;
      options.onOutput?.(text);
    });
  }
  const ended = new Promise<Run>((resolve) => {
    child.on('close', (code, signal) =>
      resolve({ ...said, exitCode: code ?? signalCode(signal), ms: performance.now() - started }),
    );
  });
  const signalAll = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  };
  return { ended, signal: (name) => void child.kill(name), signalAll };
}

/** Runs it to its end. */
export async function runInstaller(
  machine: PaperMachine,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const run = await (await startInstaller(machine, words, options)).ended;
  const promised = promisedExits(words);
  if (promised.includes(run.exitCode) || run.exitCode > 128) return run;
  throw new Error(`${words.join(' ')} ended with ${run.exitCode}, which its help does not name: ${run.output}`);
}

const commands = commandTree(() => undefined);

/** The exit codes that the help of what was typed names; those of install where nothing is typed. */
function promisedExits(words: readonly string[]): readonly number[] {
  const typed = ` ${words.join(' ')} `;
  const named = allCommands(commands).filter((command) => typed.includes(` ${pathOf(command)} `));
  const [command = defaultCommand(commands)] = [...named].sort((a, b) => pathOf(b).length - pathOf(a).length);
  return exitsOf(command).map(([code]) => code);
}

export function environmentFor(machine: PaperMachine, given: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const all = {
    PATH: '/usr/bin:/bin',
    HOME: machine.account.home,
    LANG: 'C.UTF-8',
    [paperFolderVariable]: machine.folder,
    ANTHROPIC_DIRECT_KEY: machine.world.keys.anthropic,
    ...given,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function signalCode(signal: NodeJS.Signals | null): number {
  return { SIGKILL: 137, SIGTERM: 143, SIGINT: 130 }[signal as 'SIGKILL' | 'SIGTERM' | 'SIGINT'] ?? 255;
}
