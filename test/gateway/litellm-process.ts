import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayModules } from '../../src/components/gateway/modules.ts';
import { litellmEnvironment } from './litellm-program.ts';
import type { Wire } from './wire.ts';

/** The real LiteLLM, running. */
export interface LitellmProcess {
  /** Reached from this machine; programs inside the wire use `insideUrl`. */
  readonly url: string;
  readonly insideUrl: string;
  readonly key: string;
  /** Where it writes the request log; gone when it is stopped. */
  readonly requestLogDir: string;
  readonly pid: number;
  /** Milliseconds from start to ready. */
  readonly startMs: number;
  /** Kills it, as SIGKILL does, and starts it again with the same files, and with more in its environment. */
  killAndStart(environment?: Readonly<Record<string, string>>): Promise<void>;
  /** Everything it has said so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface LitellmOptions {
  readonly config: string;
  /** Where it runs: a wire, or this machine itself. */
  readonly wire: Pick<Wire, 'inside' | 'command'>;
  readonly port?: number;
  /** False: LiteLLM alone, without our modules and what is said to them. */
  readonly hooks?: boolean;
  /** Keys of the backends, by variable. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Python to load as the hook instead of the shipped one. */
  readonly hook?: string;
  /** More Python beside the shipped modules, by file name. */
  readonly modules?: Readonly<Record<string, string>>;
  /** The container's environment apart from the keys. */
  readonly environment: Readonly<Record<string, string>>;
}

const READY_WITHIN = 360_000;

/** Starts LiteLLM with this configuration inside the wire and waits until it is ready. Fails with its last words when it is not. */
export async function startLitellm(options: LitellmOptions): Promise<LitellmProcess> {
  const { wire, port = 4000, hooks = true } = options;
  const program = await litellmEnvironment();
  const home = await mkdtemp(`${tmpdir()}/litellm-`);
  await writeFile(`${home}/config.yaml`, options.config);
  for (const { file, text } of hooks ? gatewayModules : [])
    await writeFile(`${home}/${file}`, file === 'local_compat.py' ? (options.hook ?? text) : text);
  for (const [file, text] of Object.entries(options.modules ?? {})) await writeFile(`${home}/${file}`, text);
  const requestLogDir = `${home}/requests`;
  await mkdir(requestLogDir, { mode: 0o700 });
  const key = `sk-${randomBytes(32).toString('hex')}`;
  const args = ['--config', `${home}/config.yaml`, '--host', '0.0.0.0', '--port', String(port)];
  const [file, inside] = wire.command(`${program}/bin/litellm`, args);
  const started = Date.now();
  let said = '';
  const begin = (environment: Readonly<Record<string, string>> = {}): ChildProcess => {
    const begun = spawn(file, inside, {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${program}/bin:/usr/sbin:/usr/bin:/bin`,
        HOME: home,
        ...options.environment,
        ...environment,
        PYTHONPATH: home,
        REQUEST_LOG_DIR: requestLogDir,
        LITELLM_MASTER_KEY: key,
        ...options.keys,
      },
    });
    for (const stream of [begun.stdout, begun.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    return begun;
  };
  let child = begin();
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(home, { recursive: true, force: true });
  };
  const url = `http://${wire.inside}:${port}`;
  const problem = await waitUntilReady(url, child);
  if (problem !== undefined) {
    await stop();
    throw new Error(`LiteLLM ${problem}:\n${said.slice(-3000)}`);
  }
  const insideUrl = `http://127.0.0.1:${port}`;
  const killAndStart = async (environment?: Readonly<Record<string, string>>): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    child = begin(environment);
    const failed = await waitUntilReady(url, child);
    if (failed !== undefined) throw new Error(`LiteLLM ${failed}:\n${said.slice(-3000)}`);
  };
  const startMs = Date.now() - started;
  return { url, insideUrl, key, requestLogDir, pid: child.pid ?? 0, startMs, killAndStart, log: () => said, stop };
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<string | undefined> {
  let last = 'nothing asked';
  for (const until = Date.now() + READY_WITHIN; Date.now() < until; await sleep(100)) {
    if (child.exitCode !== null) return `ended with ${child.exitCode}`;
    const ready = await fetch(`${url}/health/readiness`, { signal: AbortSignal.timeout(2000) }).catch(
      (error: Error) => error,
    );
    if (ready instanceof Response && ready.ok) return undefined;
    last = ready instanceof Response ? `status ${ready.status}` : String(ready.cause ?? ready);
  }
  return `was not ready within ${READY_WITHIN / 1000} s (last: ${last})`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(patience);
}
