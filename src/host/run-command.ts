import { stripVTControlCharacters } from 'node:util';
import { type ChildEnded, runChild } from './child.ts';
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
  /** Let Ctrl-C pass it by. */
  readonly unbreakable?: boolean;
  /** Called for each line as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end. Programs that are missing, and those too slow or silent too long, give 127 and 124, as a shell would. */
export async function runCommand(command: Command, options: RunOptions): Promise<CommandResult> {
  const plain = command.sudo === true && options.uid !== 0 ? throughSudo(command) : command;
  const inTerminal = options.unbreakable === true && command.tellsTerminals === true;
  const { file, args } = options.unbreakable === true ? deafToInterrupts(plain, inTerminal) : plain;
  const ended = await runChild(file, args, {
    env: { ...options.baseEnv, ...plainEnv(command, options.uid) },
    input: options.input ?? '',
    cwd: command.cwd,
    timeoutMs: options.timeoutMs,
    silenceMs: options.silenceMs,
    // Go programs such as docker listen for an interrupt even where they are told not to, so it must not reach them at
    // all. sudo has to stay in this session: it knows by its terminal that a password was given.
    detached: options.unbreakable === true && command.sudo !== true,
    // A meter that is drawn anew ten times a second for an hour is longer than any output.
    endOnly: inTerminal,
    onText: (text) => forwardLines(text, options.onLine),
  });
  const stdout = inTerminal ? stripVTControlCharacters(ended.stdout).replaceAll('\r\n', '\n') : ended.stdout;
  return { exitCode: exitCodeOf(ended), stdout, stderr: ended.stderr || (ended.failure?.message ?? '') };
}

function exitCodeOf({ timedOut, exitCode, failure }: ChildEnded): number {
  if (timedOut) return 124;
  return exitCode ?? (failure?.code === 'ENOENT' ? 127 : 126);
}

function forwardLines(text: string, onLine: RunOptions['onLine']): void {
  if (onLine === undefined) return;
  for (const drawn of text.split(/[\r\n]+/)) {
    const line = stripVTControlCharacters(drawn).trim();
    if (line !== '') onLine(line);
  }
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
