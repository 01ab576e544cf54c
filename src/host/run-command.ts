import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import type { Command, CommandResult } from './host.ts';
import { revealed } from './secret.ts';

interface RunOptions {
  /** Effective user id of this process; root needs no sudo. */
  readonly uid: number;
  /** Environment every program gets besides the command's own. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Text for standard input, already resolved. */
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Milliseconds without output after which it is ended. */
  readonly silenceMs?: number;
  /** Keep Ctrl-C from it. */
  readonly unbreakable?: boolean;
  /** Called for each line as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end. Programs that are missing, and those too slow or silent too long, give 127 and 124, as a shell would. */
export async function runCommand(command: Command, options: RunOptions): Promise<CommandResult> {
  const plain = command.sudo === true && options.uid !== 0 ? throughSudo(command) : command;
  const inTerminal = options.unbreakable === true && command.tellsTerminals === true;
  const { file, args } = options.unbreakable === true ? deafToInterrupts(plain, inTerminal) : plain;
  const silence = new AbortController();
  const child = execa(file, [...args], {
    cancelSignal: silence.signal,
    env: { ...options.baseEnv, ...plainEnv(command, options.uid) },
    extendEnv: false,
    input: options.input ?? '',
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    forceKillAfterDelay: 5000,
    reject: false,
    stripFinalNewline: true,
    maxBuffer: 20_000_000,
    // A meter that is drawn anew ten times a second for an hour is more than that.
    buffer: !inTerminal,
    // Go programs such as docker listen for an interrupt even where they are told not to, so it must not reach them at
    // all. sudo has to stay in this session: it knows by its terminal that a password was given.
    detached: options.unbreakable === true && command.sudo !== true,
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
  const streams = [child.stdout, child.stderr];
  const drawn = inTerminal ? lastWords(streams) : undefined;
  forwardLines(streams, options.onLine);
  // What it had started itself may hold its output open for ever; what was said by now has a moment to arrive.
  child.once('exit', () => child.killed && setTimeout(() => streams.map((stream) => stream?.destroy()), 100));
  const watched = watchSilence(streams, options.silenceMs, () => silence.abort());
  const ended = await child;
  watched.end();
  const said = { stdout: drawn?.() ?? ended.stdout ?? '', stderr: ended.stderr ?? '' };
  return resultOf({ ...ended, ...said, timedOut: ended.timedOut || ended.isCanceled });
}

/** Runs a program that talks to the person itself; its exit code, or 127 if it is missing. */
export async function runOnTerminal(file: string, args: readonly string[]): Promise<number> {
  return (await execa(file, [...args], { stdio: 'inherit', reject: false })).exitCode ?? 127;
}

/** Runs a program that shares only this one's standard output; how it ended. */
export async function runOnOutput(
  file: string,
  args: readonly string[],
): Promise<{ readonly signal?: string | undefined; readonly exitCode?: number | undefined }> {
  return await execa(file, [...args], { stdio: ['ignore', 'inherit', 'ignore'], reject: false });
}

/** The part of execa's result that is looked at. */
interface Ended {
  readonly exitCode?: number | undefined;
  readonly timedOut: boolean;
  readonly code?: string | undefined;
  readonly originalMessage?: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function resultOf(ended: Ended): CommandResult {
  const { stdout, stderr } = ended;
  if (ended.timedOut) return { exitCode: 124, stdout, stderr };
  if (ended.exitCode !== undefined) return { exitCode: ended.exitCode, stdout, stderr };
  return { exitCode: ended.code === 'ENOENT' ? 127 : 126, stdout, stderr: stderr || (ended.originalMessage ?? '') };
}

/** Calls `onSilence` once no stream has said anything for so long. */
function watchSilence(
  streams: readonly (NodeJS.ReadableStream | null)[],
  silenceMs: number | undefined,
  onSilence: () => void,
): { end(): void } {
  if (silenceMs === undefined) return { end: () => undefined };
  const timer = setTimeout(onSilence, silenceMs);
  for (const stream of streams) stream?.on('data', () => timer.refresh());
  return { end: () => clearTimeout(timer) };
}

function forwardLines(streams: readonly (NodeJS.ReadableStream | null)[], onLine: RunOptions['onLine']): void {
  if (onLine === undefined) return;
  for (const stream of streams) {
    stream?.on('data', (chunk: Buffer | string) => {
      for (const drawn of chunk.toString().split(/[\r\n]+/)) {
        const line = stripVTControlCharacters(drawn).trim();
        if (line !== '') onLine(line);
      }
    });
  }
}

/** Keeps the end of the output; the function returns it without colours and cursor movements. */
function lastWords(streams: readonly (NodeJS.ReadableStream | null)[]): () => string {
  let kept = '';
  for (const stream of streams)
    stream?.on('data', (chunk: Buffer | string) => {
      kept = (kept + chunk.toString()).slice(-50_000);
    });
  return () => stripVTControlCharacters(kept).replaceAll('\r\n', '\n').trimEnd();
}

type Words = Pick<Command, 'file' | 'args'>;

/** Ctrl-C reaches every program of the terminal; one that is changing the machine is allowed to finish. */
function deafToInterrupts({ file, args }: Words, inTerminal: boolean): Words {
  const words = [file, ...args];
  if (!inTerminal) return { file: '/bin/sh', args: ['-c', 'trap "" INT; exec "$@"', 'sh', ...words] };
  const script =
    'trap "" INT; command -v script >/dev/null || exec "$@"; SHELL=/bin/sh exec script --quiet --return --flush --command "exec $0" /dev/null';
  // script takes one line for a shell.
  const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return { file: '/bin/sh', args: ['-c', script, line, ...words] };
}

/** sudo drops the environment, so what the command needs is set behind it. */
function throughSudo(command: Command): { file: string; args: readonly string[] } {
  const settings = Object.entries(command.env ?? {}).map(([name, value]) => {
    if (typeof value !== 'string') throw new Error(`a secret (${name}) may not pass through sudo's arguments`);
    return `${name}=${value}`;
  });
  const env = settings.length === 0 ? [] : ['env', ...settings];
  return { file: 'sudo', args: ['-n', ...env, command.file, ...command.args] };
}

function plainEnv(command: Command, uid: number): Record<string, string> {
  if (command.sudo === true && uid !== 0) return {};
  return Object.fromEntries(Object.entries(command.env ?? {}).map(([name, value]) => [name, revealed(value)]));
}
