/**
 * The longest wait that is promised, at full length: the real Claude Code through the real gateway, with the configuration
 * and the launcher's environment that are installed, and an LM Studio that says nothing for twenty minutes before it answers.
 *
 *     npm run bench long-prefill [seconds [ping [queued [launcher]]]]
 *
 * `ping` is LM Studio's own pause between pings while it reads, in seconds; without it nothing is sent, not even a header. For `queued`
 * seconds before that LM Studio, which gets one request at once, is busy with somebody else's. The launcher is claude-local unless told.
 * Needs root. Prints one JSON object: who answered, how long it took, and when the client got its first bytes.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, connect as dial, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { localRoute, routedRoute } from '../../../src/components/gateway/routing/profiles.ts';
import { launcherEnvironment } from '../../../src/components/launchers/environment.ts';
import { layoutFor } from '../../../src/layout.ts';
import { claudeBinary } from '../litellm-program.ts';
import { ask, claudeRequest } from '../messages-client.ts';
import { type Scene, sceneAnswers, setScene } from '../scene.ts';

/** What a client got through one connection: seconds since the start, and how many bytes. */
interface Piece {
  readonly at: number;
  readonly bytes: number;
  readonly beginning: string;
}

const [seconds = 1200, ping = 0, queued = 0] = process.argv.slice(2, 5).map(Number);
const launcher = process.argv[5] === 'claude-routed' ? 'claude-routed' : 'claude-local';
const scene = await setScene({
  lmStudio: { prefillMilliseconds: queued * 1000, pingMilliseconds: ping * 1000 },
  environment: { LOCAL_PARALLEL: '1' },
});
const before =
  queued > 0 ? ask(scene.gateway, claudeRequest('local-only', 'hello'), scene.gateway.key, {}, 3_600_000) : undefined;
while (queued > 0 && !scene.lmStudio.requests.some(({ path }) => path === '/v1/messages')) await sleep(50);
scene.lmStudio.settings.prefillMilliseconds = seconds * 1000;
const home = await mkdtemp(`${tmpdir()}/long-prefill-`);
const started = performance.now();
const pieces: Piece[] = [];
const listener = await recordWhatPasses(scene);
try {
  const { port } = listener.address() as AddressInfo;
  const ran = await runLauncher(`http://${scene.wire.outside}:${port}`);
  await before;
  console.log(JSON.stringify({ launcher, silence: seconds, ping, queued, ...ran, ...seen() }, null, 2));
} finally {
  listener.close();
  await scene.close();
  await rm(home, { recursive: true, force: true });
}

function seen(): Record<string, unknown> {
  return {
    answeredBy: scene.lmStudio.requests.map(({ answer }) => ({ status: answer.status, cut: answer.cut ?? false })),
    localRequests: scene.lmStudio.requests.length,
    cloudRequests: scene.anthropic.requests.length + scene.foundry.requests.length,
    bytesToClient: pieces,
  };
}

/** Between client and gateway: hands everything on and notes when something came back. */
async function recordWhatPasses({ gateway, wire }: Scene): Promise<Server> {
  const { hostname, port } = new URL(gateway.url);
  const server = createServer((client) => {
    const upstream = dial({ host: hostname, port: Number(port) });
    client.pipe(upstream).pipe(client);
    for (const end of [client, upstream]) end.on('error', () => client.destroy());
    upstream.on('data', (data) =>
      pieces.push({ at: elapsed(), bytes: data.length, beginning: data.toString().slice(0, 60) }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, wire.outside, resolve));
  return server;
}

async function runLauncher(gatewayUrl: string): Promise<Record<string, unknown>> {
  const answers = sceneAnswers();
  const layout = layoutFor({ user: 'anna', uid: 1234, home });
  const models = { routed: routedRoute(answers), local: localRoute(answers), contextWindow: 65_536 };
  const args = [
    '-p',
    'say hi',
    '--output-format',
    'json',
    ...(launcher === 'claude-routed' ? ['--model', 'local'] : []),
  ];
  const [file, inside] = scene.wire.command(await claudeBinary(), args);
  const child = spawn(file, inside, {
    cwd: home,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: '/usr/sbin:/usr/bin:/bin',
      HOME: home,
      ...launcherEnvironment(launcher, layout, models),
      ANTHROPIC_BASE_URL: gatewayUrl,
      ANTHROPIC_AUTH_TOKEN: scene.gateway.key,
    },
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  const { result, is_error } = JSON.parse(said) as { result?: string; is_error?: boolean };
  return { exitCode, result, isError: is_error, seconds: elapsed() };
}

function elapsed(): number {
  return Math.round((performance.now() - started) / 100) / 10;
}
