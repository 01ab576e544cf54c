import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { localModel } from '../scene.ts';
import type { Wire } from '../wire.ts';
import { installed } from './installed-package.ts';

/** A gateway that is asked as ours is. */
export interface Asked {
  readonly url: string;
  readonly key: string;
}

const PORT = 4100;
const READY_WITHIN = 60_000;

/** Where its models are: a local server with LM Studio's Messages API, and Claude's own. */
export interface RoutedTo {
  readonly local: string;
  readonly claude: string;
  readonly claudeKey: string;
}

/**
 * Starts claude-code-router inside a wire, set up for the same ends as ours by what its README offers: a model for each kind that it
 * knows, and who comes next when one refuses.
 */
export async function startRouter(wire: Wire, to: RoutedTo): Promise<RunningRouter> {
  return await runRouter(wire, PORT, configFor(to));
}

interface RunningRouter extends Asked {
  readonly pid: number;
  /** Until it was ready. */
  readonly seconds: number;
  stop(): Promise<void>;
}

/** Starts it where `wire` leads, with these providers and this router. */
export async function runRouter(
  wire: Pick<Wire, 'inside' | 'command'>,
  port: number,
  config: object,
): Promise<RunningRouter> {
  const program = `${await installed('@musistudio/claude-code-router')}/dist/cli.js`;
  const home = await mkdtemp(`${tmpdir()}/claude-code-router-`);
  const key = 'sk-of-nobody';
  const own = { LOG: false, HOST: wire.inside, PORT: port, APIKEY: key, NON_INTERACTIVE_MODE: true };
  await mkdir(`${home}/.claude-code-router`);
  await writeFile(`${home}/.claude-code-router/config.json`, JSON.stringify({ ...own, ...config }));
  const [file, args] = wire.command(process.execPath, [program, 'start']);
  const env = { PATH: process.env.PATH, HOME: home, TMPDIR: home, NODE_ENV: 'production' };
  const began = performance.now();
  const child = spawn(file, args, { env, stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.kill('SIGKILL')) await ended;
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  const url = `http://${wire.inside}:${port}`;
  for (const until = Date.now() + READY_WITHIN; Date.now() < until; await sleep(50)) {
    const reply = await fetch(`${url}/health`).catch(() => undefined);
    await reply?.text();
    if (reply?.ok) return { url, key, pid: child.pid ?? 0, seconds: (performance.now() - began) / 1000, stop };
  }
  await stop();
  throw new Error('claude-code-router was not ready');
}

function configFor({ local, claude, claudeKey }: RoutedTo): object {
  const transformer = { use: ['Anthropic'] };
  const cloud = (family: string): string => `claude,claude-${family}`;
  const home = `local,${localModel}`;
  return {
    Providers: [
      { name: 'local', api_base_url: `${local}/v1/messages`, api_key: 'lm-studio', models: [localModel], transformer },
      {
        name: 'claude',
        api_base_url: `${claude}/v1/messages`,
        api_key: claudeKey,
        models: ['claude-sonnet-4-6', 'claude-opus-4-8', 'claude-haiku-4-5'],
        transformer,
      },
    ],
    Router: {
      default: cloud('sonnet-4-6'),
      background: home,
      think: cloud('opus-4-8'),
      longContext: cloud('opus-4-8'),
      longContextThreshold: 60_000,
      webSearch: cloud('haiku-4-5'),
      image: cloud('haiku-4-5'),
    },
    fallback: { default: [home], think: [home], webSearch: [home], longContext: [home] },
  };
}
