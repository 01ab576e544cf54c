import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './engine.ts';

/** llama.cpp's server, running. */
export interface LlamaServer {
  readonly url: string;
  /** Everything it has said so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface LlamaOptions {
  readonly host: string;
  readonly port: number;
  /** A chat template's name; the model's own when absent. */
  readonly template?: string;
  /** Tokens. */
  readonly window?: number;
  /** Requests that it answers at once; one unless told. */
  readonly slots?: number;
  /** More of its options. */
  readonly more?: readonly string[];
}

/**
 * Like a model of today's: two slots, each with a window wider than the 8,192 tokens that this one was trained with. Its answers are
 * kept short: what it says is all one.
 */
export const asToday = {
  window: 131_072,
  slots: 2,
  more: ['--override-kv', 'llama.context_length=int:65536', '-n', '32', '--alias', 'smollm2-135m'],
} as const satisfies Partial<LlamaOptions>;

const READY_WITHIN = 60_000;

/** Starts the server and waits until the weights are loaded. Fails with its last words when it does not come up. */
export async function startLlama(engine: Engine, options: LlamaOptions): Promise<LlamaServer> {
  const { host, port, template, window = 8192, slots = 1, more = [] } = options;
  const file = template === undefined ? [] : ['--chat-template-file', `${engine.templatesDir}/${template}.jinja`];
  const listen = ['--host', host, '--port', String(port)];
  // Small batches: between two of them the server notices that a client has gone.
  const size = ['-c', String(window), '-np', String(slots), '-t', '1', '-b', '64', '-ub', '64'];
  const args = ['-m', engine.weights, ...listen, ...size, '--jinja', '--no-webui', ...file, ...more];
  const child = spawn(engine.server, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-100_000);
    });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const url = `http://${host}:${port}`;
  for (const until = Date.now() + READY_WITHIN; Date.now() < until; await sleep(100)) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const healthy = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
    if (healthy?.ok) return { url, log: () => said, stop };
  }
  await stop();
  throw new Error(`llama-server with ${template ?? 'its own template'} did not come up:\n${said.slice(-2000)}`);
}
