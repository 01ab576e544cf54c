import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayEnvironment } from '../../../src/components/gateway/compose.ts';
import { startLitellm } from '../litellm-process.ts';
import { gatewayConfig, sceneAnswers } from '../scene.ts';
import { asTheGuideSays } from './guide-config.ts';
import { installed } from './installed-package.ts';
import { runRouter } from './router.ts';
import { cpuMilliseconds, load, residentMegabytes, type Target } from './speed-load.ts';

/** Something to send requests to, running. */
export interface Contestant extends Target {
  readonly name: string;
  /** Whether it hands on a stream at all. */
  readonly streams: boolean;
  /** Of its start, and of its first two requests. The upstream has none. */
  readonly start?: {
    readonly seconds: number;
    readonly cpuSeconds: number;
    readonly firstMs: number;
    readonly nextMs: number;
  };
  megabytes(): number;
  stop(): Promise<void>;
}

type Running = Omit<Contestant, 'name' | 'streams' | 'start' | 'megabytes'> & {
  readonly pid: number;
  readonly seconds: number;
};

const LOOPBACK = { inside: '127.0.0.1', command: (file: string, args: readonly string[]) => [file, args] as const };
const CLOUD = 'claude-haiku-4-5';
/** What LiteLLM would fetch from the internet at its start. */
const FETCHES_NOTHING = Object.fromEntries(
  Object.entries(gatewayEnvironment(sceneAnswers())).filter(([name]) => name.startsWith('LITELLM_LOCAL_')),
);

/** Starts whoever's name has one of these words in it, or all, one after the other, behind the upstream that they share. */
export async function* contestants(words: readonly string[]): AsyncGenerator<Contestant> {
  const upstream = await startUpstream();
  yield upstream;
  const starts: Record<string, () => Promise<Running>> = {
    'ours, local': () => ours(upstream.url, 'local'),
    'ours, cloud': () => ours(upstream.url, CLOUD),
    'guide, local': () => guide(upstream.url, 'local'),
    'guide, cloud': () => guide(upstream.url, 'claude-haiku'),
    'claude-code-router': () => router(upstream.url),
    "Portkey's gateway": () => portkey(upstream.url),
  };
  for (const [name, begin] of Object.entries(starts))
    if (words.length === 0 || words.some((word) => name.includes(word))) yield await measured(name, begin);
}

async function measured(name: string, begin: () => Promise<Running>): Promise<Contestant> {
  const running = await begin();
  const cpuSeconds = cpuMilliseconds(running.pid) / 1000;
  const firstMs = (await load(running, false, 1, 1)).milliseconds[0] ?? 0;
  const nextMs = (await load(running, false, 1, 1)).milliseconds[0] ?? 0;
  // Portkey's gateway fails at streams here: Node's headers of an answer cannot be changed.
  const streams = await load(running, true, 1, 1).then(
    () => true,
    () => false,
  );
  const start = { seconds: running.seconds, cpuSeconds, firstMs, nextMs };
  return { ...running, name, streams, start, megabytes: () => residentMegabytes(running.pid) };
}

async function startUpstream(): Promise<Contestant> {
  const child = spawn(process.execPath, ['test/gateway/bench/fast-upstream.mjs', '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.once('exit', () => reject(new Error('the upstream ended')));
  });
  const url = `http://127.0.0.1:${port}`;
  const asked = { url, path: '/v1/messages', model: 'm', headers: {}, pid: child.pid };
  return { ...asked, name: 'upstream alone', streams: true, megabytes: () => 0, stop: () => ended(child) };
}

async function ours(upstream: string, model: string): Promise<Running> {
  const answers = sceneAnswers(upstream);
  const config = gatewayConfig(answers, { anthropic: upstream, foundry: upstream });
  return await litellm(config, gatewayEnvironment(answers), model, true);
}

async function guide(upstream: string, model: string): Promise<Running> {
  const config = gatewayConfig(sceneAnswers(upstream), { anthropic: upstream, foundry: upstream }, asTheGuideSays);
  return await litellm(config, FETCHES_NOTHING, model, false);
}

async function litellm(
  config: string,
  environment: Readonly<Record<string, string>>,
  model: string,
  hooks: boolean,
): Promise<Running> {
  const keys = { ANTHROPIC_DIRECT_KEY: 'sk-ant-nobody', AZURE_API_KEY: 'nobody' };
  const port = await freePort();
  const process = await startLitellm({ config, wire: LOOPBACK, port, keys, environment, hooks });
  const headers = { authorization: `Bearer ${process.key}` };
  const { url, pid, startMs, stop } = process;
  return { url, path: '/v1/messages?beta=true', model, headers, pid, seconds: startMs / 1000, stop };
}

/** With nothing to decide: every request goes to one model. */
async function router(upstream: string): Promise<Running> {
  const provider = { name: 'cloud', api_base_url: `${upstream}/v1/messages`, api_key: 'nobody', models: ['m'] };
  const started = await runRouter(LOOPBACK, await freePort(), {
    Providers: [{ ...provider, transformer: { use: ['Anthropic'] } }],
    Router: { default: 'cloud,m' },
  });
  return { ...started, path: '/v1/messages?beta=true', model: 'cloud,m', headers: { 'x-api-key': started.key } };
}

async function portkey(upstream: string): Promise<Running> {
  const program = `${await installed('@portkey-ai/gateway')}/build/start-server.js`;
  const port = await freePort();
  const args = ['--headless', `--port=${port}`];
  const started = await start(program, args, { TRUSTED_CUSTOM_HOSTS: '127.0.0.1' }, `http://127.0.0.1:${port}`, '/');
  const headers = {
    'x-portkey-provider': 'anthropic',
    'x-portkey-custom-host': `${upstream}/v1`,
    'x-api-key': 'nobody',
  };
  return { ...started, path: '/v1/messages?beta=true', model: 'm', headers };
}

async function start(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  url: string,
  ready: string,
): Promise<Omit<Running, 'path' | 'model' | 'headers'>> {
  const began = performance.now();
  const env = { PATH: process.env.PATH, HOME: tmpdir(), NODE_ENV: 'production', ...environment };
  const child = spawn(process.execPath, [program, ...args], { env, stdio: 'ignore' });
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await fetch(`${url}${ready}`).catch(() => undefined);
    await answer?.text();
    if (answer?.ok)
      return { url, pid: child.pid ?? 0, seconds: (performance.now() - began) / 1000, stop: () => ended(child) };
    await sleep(50);
  }
  await ended(child);
  throw new Error(`${program} was not ready`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await end;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
