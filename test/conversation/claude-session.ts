import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wire } from '../gateway/wire.ts';

/** What came back for one thing said. */
export interface Turn {
  readonly isError: boolean;
  /** The answer, or the error as a person would see it. */
  readonly text: string;
  /** How often the client summarised the conversation before it answered. */
  readonly compactions: number;
}

/** One conversation with the real Claude Code: one process that is spoken to turn by turn, as a terminal session is. */
export interface ClaudeSession {
  /** Fails when no answer comes within two minutes or the client ends. */
  say(text: string): Promise<Turn>;
  end(): Promise<void>;
}

/** How a session is started. */
export interface Launch {
  /** The client, or a launcher of it. */
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Home and working directory; the conversation is kept in it. */
  readonly home: string;
}

interface Said {
  readonly type: string;
  readonly subtype?: string;
  readonly is_error?: boolean;
  readonly result?: string;
}

const PATIENCE = 120_000;
const STREAMED = ['-p', '--verbose', '--input-format', 'stream-json', '--output-format', 'stream-json'];

/** Starts the client inside the wire; `more` are further arguments, as `--continue`. */
export function openClaude(wire: Wire, launch: Launch, more: readonly string[] = []): ClaudeSession {
  const { program, args, environment, home } = launch;
  const [file, command] = wire.command(program, [...args, ...STREAMED, '--dangerously-skip-permissions', ...more]);
  const env = { PATH: '/usr/sbin:/usr/bin:/bin', HOME: home, IS_SANDBOX: '1', ...environment };
  const child = spawn(file, command, { cwd: home, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints = heard(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    say: async (text) => {
      const message = { type: 'user', message: { role: 'user', content: [{ type: 'text', text }] } };
      child.stdin.write(`${JSON.stringify(message)}\n`);
      const turn = await withinPatience(readTurn(lines));
      if (turn === undefined) throw new Error(`Claude Code gave no answer: ${complaints()}`);
      return turn;
    },
    end: () => ended(child),
  };
}

/** Everything up to the next result; undefined when the client ends without one. */
async function readTurn(lines: AsyncIterator<string>): Promise<Turn | undefined> {
  for (let compactions = 0; ; ) {
    const line = await lines.next();
    if (line.done === true) return undefined;
    const said = JSON.parse(line.value) as Said;
    if (said.subtype === 'compact_boundary') compactions += 1;
    if (said.type === 'result') return { isError: said.is_error ?? true, text: said.result ?? '', compactions };
  }
}

async function withinPatience(turn: Promise<Turn | undefined>): Promise<Turn | undefined> {
  const waiting = new AbortController();
  const late = sleep(PATIENCE, undefined, { signal: waiting.signal }).catch(() => undefined);
  return Promise.race([turn, late]).finally(() => waiting.abort());
}

function heard(child: ChildProcessWithoutNullStreams): () => string {
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return () => said;
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end();
  const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(patience);
}
