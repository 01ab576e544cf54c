import { type ExecaError, execa } from 'execa';

/** How a command of the build host ended. `timedOut` means that it was stopped for taking too long (exit code 124). */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** What may be told to a command besides its arguments. Times are milliseconds. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
}

/** Runs a command of the build host to its end and says how it ended; never throws for a non-zero exit. */
export async function attempt(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await execa(file, args, {
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 64 * 1024 * 1024,
    input: options.input ?? '',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, forceKillAfterDelay: 2000 }),
  });
  const failedToStart = result.exitCode === undefined && !result.timedOut && result.signal === undefined;
  return {
    exitCode: result.timedOut ? 124 : (result.exitCode ?? (failedToStart ? 127 : 137)),
    stdout: result.stdout,
    stderr: failedToStart ? String((result as unknown as ExecaError).shortMessage) : result.stderr,
    timedOut: result.timedOut,
  };
}

/** Runs a command that has to succeed; returns its standard output, throws with the end of its error output otherwise. */
export async function must(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await attempt(file, args, options);
  if (result.exitCode === 0) return result.stdout;
  const detail = (result.stderr + result.stdout).trim().split('\n').slice(-15).join('\n');
  throw new Error(`${file} ${args.slice(0, 6).join(' ')} … ended with ${result.exitCode}:\n${detail}`);
}

/** Asks `ready` again and again until it says yes; throws, naming `what`, when it has not by then. */
export async function until(
  what: string,
  ready: () => Promise<boolean>,
  timeoutMs: number,
  everyMs = 50,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await ready())) {
    if (Date.now() > end) throw new Error(`gave up after ${timeoutMs} ms waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
