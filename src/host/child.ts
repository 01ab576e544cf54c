import { type ChildProcess, spawn } from 'node:child_process';

export interface ChildOptions {
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** In a session of its own; it outlives this program. */
  readonly detached: boolean;
  readonly input: string;
  /** Milliseconds after which it is ended. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds without output after which it is ended. */
  readonly silenceMs?: number | undefined;
  /** Keeps the end of a long output instead of ending who writes too much. */
  readonly endOnly: boolean;
  /** Hears everything as it comes. */
  readonly onText: (text: string) => void;
}

/** How a program ended. */
export interface ChildEnded {
  /** Undefined where a signal ended it, and where it never began. */
  readonly exitCode?: number | undefined;
  /** It took too long, or was silent too long. */
  readonly timedOut: boolean;
  /** Why it never began; its message, and its code, e.g. ENOENT. */
  readonly failure?: NodeJS.ErrnoException;
  /** Without the last line break. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Characters of one stream; who writes more is ended. */
const most = 20_000_000;
/** Characters that are kept where only the end is. */
const end = 50_000;
/** Milliseconds between asking to end and ending. */
const grace = 5000;

/** A query does not outlive us. */
const ours = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of ours) child.kill();
});

/** Runs a program to its end, whatever that is. */
export async function runChild(file: string, args: readonly string[], options: ChildOptions): Promise<ChildEnded> {
  const { env, cwd, detached, input, endOnly, onText } = options;
  const kept = { stdout: '', stderr: '' };
  let child: ChildProcess;
  try {
    child = spawn(file, [...args], { env, cwd, detached, stdio: 'pipe' });
  } catch (failure) {
    return { ...kept, timedOut: false, failure: failure as NodeJS.ErrnoException };
  }
  if (!detached) ours.add(child);
  // Who does not read what it is given is no fault.
  child.stdin?.on('error', () => undefined).end(input);
  const patience = new Patience(child, options);
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      patience.heard();
      kept[name] = endOnly ? (kept[name] + text).slice(-end) : kept[name] + text;
      if (kept[name].length > most) askToEnd(child);
      onText(text);
    });
  const ended = await endOf(child);
  patience.end();
  ours.delete(child);
  const [stdout = '', stderr = ''] = [kept.stdout, kept.stderr].map((text) => text.replace(/\r?\n$/, ''));
  return { ...ended, timedOut: patience.isOver, stdout, stderr };
}

/** Ends a child that takes too long, or says nothing for too long. */
class Patience {
  isOver = false;
  readonly #silence: NodeJS.Timeout | undefined;
  readonly #whole: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, { timeoutMs, silenceMs }: Pick<ChildOptions, 'timeoutMs' | 'silenceMs'>) {
    const over = () => {
      this.isOver = true;
      askToEnd(child);
    };
    if (silenceMs !== undefined) this.#silence = setTimeout(over, silenceMs);
    if (timeoutMs !== undefined) this.#whole = setTimeout(over, timeoutMs);
  }

  heard(): void {
    this.#silence?.refresh();
  }

  end(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#whole);
  }
}

function askToEnd(child: ChildProcess): void {
  if (child.killed) return;
  const sure = setTimeout(() => child.kill('SIGKILL'), grace);
  child.once('exit', () => {
    clearTimeout(sure);
    // What it had started itself may hold its output open for ever; what was said by now has a moment to arrive.
    setTimeout(() => [child.stdout, child.stderr].map((stream) => stream?.destroy()), 100);
  });
  child.kill();
}

async function endOf(child: ChildProcess): Promise<Pick<ChildEnded, 'exitCode' | 'failure'>> {
  return await new Promise((resolve) => {
    child.once('close', (code) => resolve(code === null ? {} : { exitCode: code }));
    child.once('error', (failure) => child.pid === undefined && resolve({ failure }));
  });
}
