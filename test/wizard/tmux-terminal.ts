import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type Key, Script } from './script.ts';

const keys: Readonly<Record<Key, string>> = {
  Enter: 'Enter',
  Up: 'Up',
  Down: 'Down',
  Space: 'Space',
  CtrlC: 'C-c',
  CtrlD: 'C-d',
  CtrlU: 'C-u',
  BackTab: 'BTab',
};
const ended = 'ENDED WITH ';

export interface TmuxOptions {
  readonly columns: number;
  readonly rows?: number;
  readonly env: Readonly<Record<string, string>>;
  /** Typed in front of the program, e.g. a redirection. */
  readonly redirection?: string;
}

/** A program in a real terminal: a pane of a tmux server of its own, which goes with `close`. */
export class TmuxTerminal extends Script {
  readonly #socket: string;

  /** Starts the words in a pane with nothing of this process's environment. */
  constructor(words: readonly string[], { columns, rows = 50, env, redirection = '' }: TmuxOptions) {
    const socket = `wizard-${randomBytes(4).toString('hex')}`;
    const capture = () =>
      tmux(socket, 'capture-pane', '-p', '-J', '-S', '-')
        .split('\n')
        .map((line) => line.trimEnd());
    super({
      lines: capture,
      press: (key) => void tmux(socket, 'send-keys', keys[key]),
      type: (text) => void tmux(socket, 'send-keys', '-l', '--', text),
      slack: 300,
      over: () => capture().some((line) => line.startsWith(ended)),
    });
    this.#socket = socket;
    const variables = Object.entries({ TERM: 'tmux-256color', LANG: 'C.UTF-8', ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const line = ['env', '-i', ...variables, ...words].map(quoted).join(' ');
    const script = `${line} ${redirection}; echo "${ended}$?"; exec sleep 600`;
    tmux(socket, '-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh', '-c', script);
  }

  /** Waits for the end of the program. */
  async exitCode(): Promise<number> {
    await this.sees(ended, 120_000);
    return Number(new RegExp(`${ended}(\\d+)`).exec(this.text)?.[1]);
  }

  get cursorShown(): boolean {
    return tmux(this.#socket, 'display-message', '-p', '#{cursor_flag}').trim() === '1';
  }

  /** Answers a question that is asked line by line: it stays as it is, so the next one is told by its words alone. */
  async typeLine(question: string, typed: string): Promise<void> {
    await this.sees(`> ${question}`);
    this.type(typed);
    this.press('Enter');
  }

  close(): void {
    tmux(this.#socket, 'kill-server');
  }
}

function tmux(socket: string, ...words: readonly string[]): string {
  return execFileSync('tmux', ['-u', '-L', socket, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
