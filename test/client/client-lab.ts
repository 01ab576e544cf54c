import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type LauncherName, type Layout, layoutFor } from '../../src/layout.ts';
import type { LauncherModels } from '../../src/render/launcher-environment.ts';
import { launcherScript } from '../../src/render/launchers.ts';
import { everythingTo } from '../../src/render/profiles.ts';
import { claudeBinary } from '../gateway/litellm-program.ts';
import { put, run } from '../render/scratch.ts';
import type { Identity, Recorded } from './recorder.ts';

/** What a launcher's client did. */
export interface ClientRun {
  readonly exitCode: number;
  /** The client's own report, when it wrote one. */
  readonly report:
    | {
        readonly is_error: boolean;
        readonly result: string;
        readonly modelUsage: Readonly<Record<string, { contextWindow: number }>>;
      }
    | undefined;
  readonly stderr: string;
  readonly requests: readonly Recorded[];
  /** Those that asked a model for an answer. */
  readonly messages: readonly Recorded[];
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files of the project, by their path in it. */
  readonly project?: Readonly<Record<string, string>>;
  /** The launcher's text before it is started. */
  readonly change?: (script: string) => string;
}

/** A home directory with our launchers, the real client and a network that ends at this lab's recorder. */
export interface ClientLab {
  readonly layout: Layout;
  readonly gatewayKey: string;
  readonly directKey: string;
  /** Environment by which a client reaches the internet, which is the recorder too: any host, by way of the proxy. */
  readonly internet: Readonly<Record<string, string>>;
  /** Path of a socket on which the recorder listens as `socket`. */
  readonly socket: string;
  start(name: LauncherName, options?: StartOptions): Promise<ClientRun>;
  close(): void;
}

/** What the gateway of this lab lists. */
export const listing = [
  'local',
  'anthropic-local',
  'claude-sonnet-4-6',
  'claude-opus-4-8',
  'claude-sonnet',
  'foundry-sonnet',
  'foundry/claude-opus-4-8',
];

export const models: LauncherModels = {
  routed: {
    main: 'claude-sonnet-4-6',
    slots: { opus: 'claude-opus-4-8', sonnet: 'claude-sonnet-4-6', haiku: 'local', fable: 'claude-sonnet-4-6' },
    subagents: undefined,
    localOnly: false,
  },
  local: everythingTo('local', false),
  contextWindow: 65_536,
};

/** Ports inside the lab's own network: the gateway, a server that should never be asked, and a proxy. */
export const ports = { gateway: 4000, elsewhere: 4001, proxy: 4002 } as const;

export async function openClientLab(): Promise<ClientLab> {
  const home = mkdtempSync(`${tmpdir()}/claude-client-`);
  const layout = layoutFor({ user: 'anna', uid: 1234, home }, ports.gateway);
  const gatewayKey = `sk-${randomBytes(16).toString('hex')}`;
  const directKey = `sk-ant-${randomBytes(16).toString('hex')}`;
  put(layout.secretsFile, `LITELLM_MASTER_KEY=${gatewayKey}\nANTHROPIC_DIRECT_KEY=${directKey}\n`, 0o600);
  await mkdir(layout.binDir, { recursive: true });
  symlinkSync(await claudeBinary(), layout.claudeBinary);
  const socket = `${home}/socket`;
  const certificate = `${home}/certificate.pem`;
  const identity = await makeIdentity(certificate);
  const internet = { HTTPS_PROXY: `http://127.0.0.1:${ports.proxy}`, NODE_EXTRA_CA_CERTS: certificate };
  const recorder = await startRecorder({ ...ports, socket }, identity);
  const start = async (name: LauncherName, options: StartOptions = {}): Promise<ClientRun> => {
    const {
      args = ['-p', 'say hi', '--output-format', 'json'],
      env = {},
      project = {},
      change = (script) => script,
    } = options;
    const directory = mkdtempSync(`${home}/project-`);
    for (const [path, text] of Object.entries(project)) put(`${directory}/${path}`, text);
    const launcher = `${directory}.launcher`;
    put(launcher, change(launcherScript(name, layout, models)), 0o755);
    await ask(recorder, 'clear');
    const ran = await run('nsenter', [`--net=/proc/${recorder.pid}/ns/net`, launcher, ...args], {
      cwd: directory,
      env: { HOME: home, PATH: '/usr/bin:/bin', ...env },
    });
    const requests = await ask(recorder, 'requests');
    const messages = requests.filter(({ method, url }) => method === 'POST' && url.includes('/messages'));
    return { exitCode: ran.exitCode, stderr: ran.stderr, report: parsed(ran.stdout), requests, messages };
  };
  const close = (): void => {
    recorder.disconnect();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  return { layout, gatewayKey, directKey, internet, socket, start, close };
}

/** A certificate for the hosts that the client knows, written where the client can be told to read it. */
async function makeIdentity(certificate: string): Promise<Identity> {
  const key = `${certificate}.key`;
  const names = 'subjectAltName=DNS:api.anthropic.com,DNS:*.anthropic.com,DNS:*.claude.com,DNS:*.claude.ai';
  const options = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=lab', '-addext', names];
  const made = await run('openssl', ['req', ...options, '-keyout', key, '-out', certificate], {
    env: { PATH: '/usr/bin:/bin' },
  });
  if (made.exitCode !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
}

async function startRecorder(
  listeners: Readonly<Record<string, number | string>>,
  identity: Identity,
): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./recorder-process.ts', import.meta.url));
  const child = fork(
    program,
    [listeners, listing, identity].map((value) => JSON.stringify(value)),
    {
      execPath: 'unshare',
      execArgv: ['--net', '--', process.execPath, '--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the recorder ended with ${code}`)));
  });
  return child;
}

function ask(recorder: ChildProcess, wish: 'clear' | 'requests'): Promise<readonly Recorded[]> {
  return new Promise((resolve) => {
    recorder.once('message', (answer) => resolve(answer as readonly Recorded[]));
    recorder.send(wish);
  });
}

function parsed(text: string): ClientRun['report'] {
  return text.startsWith('{') ? (JSON.parse(text) as ClientRun['report']) : undefined;
}
