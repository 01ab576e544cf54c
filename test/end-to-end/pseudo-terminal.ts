import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface PseudoTerminalOptions {
  /** As the terminal tells its size; 0 is what one tells that was never given any. */
  readonly columns: number;
  readonly rows?: number;
  /** The whole environment of the program, but for TERM. */
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds that are waited for anything; a limit for what never comes, not a measure. */
const patience = 60_000;

/**
 * A program in a pseudo-terminal of any size, also of sizes that no window has. The terminal is that of `script`, which every
 * Debian has (bsdutils); its window is resized with `stty`. Goes with the test.
 */
export class PseudoTerminal {
  /** What the program wrote, as it was written. */
  written = '';
  readonly #window: ChildProcessWithoutNullStreams;
  readonly #folder = mkdtempSync(`${tmpdir()}/terminal-`);

  constructor(words: readonly string[], { columns, rows = 24, env }: PseudoTerminalOptions) {
    // The shell in between outlives a hang-up, to tell how the program ended.
    const line = [
      'trap : HUP INT TERM',
      `cd ${this.#folder}`,
      'tty > tty',
      `stty cols ${columns} rows ${rows}`,
      `sh -c 'echo $$ > pid; exec "$@"' sh ${words.map(quoted).join(' ')}`,
      'code=$?',
      'echo $code > code.new; mv code.new code',
    ].join('\n');
    this.#window = spawn('script', ['--quiet', '--command', line, '/dev/null'], {
      env: { PATH: '/usr/bin:/bin', SHELL: '/bin/sh', TERM: 'xterm-256color', ...env },
    });
    this.#window.stdin.on('error', () => undefined);
    this.#window.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.written += text;
    });
    onTestFinished(() => this.#close());
  }

  /** What can be read: without colours, movements and the ends of lines. */
  get text(): string {
    return this.written.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/\s+/g, ' ');
  }

  async sees(text: string): Promise<void> {
    await this.until(() => this.text.includes(text), `"${text}"`);
  }

  type(text: string): void {
    this.#window.stdin.write(text);
  }

  /** To the program alone. */
  signal(name: NodeJS.Signals): void {
    process.kill(Number(readFileSync(`${this.#folder}/pid`, 'utf8')), name);
  }

  /** The program is told of it, as by a window that somebody drags. */
  resize(columns: number): void {
    execFileSync('stty', ['-F', this.#device, 'cols', String(columns)]);
  }

  /** From now on nobody takes what is written, as in a window that hangs; there is no room left for a character. */
  hang(): void {
    this.#window.kill('SIGSTOP');
    const device = openSync(this.#device, constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    try {
      for (;;) writeSync(device, 'x');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    } finally {
      closeSync(device);
    }
  }

  /** The connection is lost: the terminal is not there any more. The program alone is not told; shells do that with SIGHUP. */
  hangUp(): void {
    this.#window.kill('SIGKILL');
  }

  /** Waits for the end of the program. */
  async exitCode(limitMs = patience): Promise<number> {
    const file = `${this.#folder}/code`;
    await this.until(() => existsSync(file), 'the end of the program', limitMs);
    return Number(readFileSync(file, 'utf8'));
  }

  /** Waits for it. */
  async until(condition: () => boolean, what: string, limitMs = patience): Promise<void> {
    const limit = Date.now() + limitMs;
    while (!condition()) {
      if (Date.now() > limit)
        throw new Error(`waited in vain for ${what}. ${this.written.length} characters: ${this.text.slice(-2000)}`);
      await pause(10);
    }
  }

  get #device(): string {
    return readFileSync(`${this.#folder}/tty`, 'utf8').trim();
  }

  #close(): void {
    if (!existsSync(`${this.#folder}/code`)) this.signal('SIGKILL');
    this.#window.kill('SIGKILL');
    // Who was killed a moment ago may still write its last word.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
