import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LauncherModels } from '../../src/components/launchers/environment.ts';
import { launcherScript } from '../../src/components/launchers/launchers.ts';
import { type LauncherName, type Layout, layoutFor } from '../../src/layout.ts';
import { claudeBinary } from '../gateway/litellm-program.ts';
import { models } from '../render/launcher-box.ts';
import { put, run } from '../render/scratch.ts';
import { TmuxTerminal } from '../wizard/tmux-terminal.ts';
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
  readonly stdout: string;
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
  /** Name of the project's directory, when a later start is to be in the same one. */
  readonly directory?: string;
  /** Other routes than those of `models`. */
  readonly models?: LauncherModels;
  /** The launcher's text before it is started. */
  readonly change?: (script: string) => string;
  /** The client's own notes on earlier sessions, in a terminal; by default that it may work in the project. */
  readonly state?: string;
  /** Is shown the screen that a conversation in a terminal leaves behind. */
  readonly atEnd?: (lines: readonly string[]) => void;
}

/** A conversation in a terminal. */
export interface Talk {
  readonly terminal: TmuxTerminal;
  /** Types a line and sends it. */
  say(line: string): Promise<void>;
  /** Waits until as many requests of this kind asked a model for an answer. */
  until(kind: (request: Recorded) => boolean, count?: number): Promise<void>;
}

/** A home directory with our launchers, the real client and a network that ends at this lab's recorder. */
export interface ClientLab {
  readonly layout: Layout;
  readonly gatewayKey: string;
  readonly directKey: string;
  /** Environment by which a client reaches the internet, which is the recorder too: any host, by way of the proxy. */
  readonly internet: Readonly<Record<string, string>>;
  start(name: LauncherName, options?: StartOptions): Promise<ClientRun>;
  /** The same in a terminal, for as long as `talk` takes. */
  converse(
    name: LauncherName,
    options: StartOptions,
    talk: (talk: Talk) => Promise<void>,
  ): Promise<readonly Recorded[]>;
  close(): void;
}

/** What the gateway of this lab lists. */
export const listing = [
  'local',
  'local-only',
  'claude-sonnet-4-6',
  'claude-opus-4-8',
  'claude-sonnet',
  'foundry-sonnet',
  'foundry/claude-opus-4-8',
];

export { models };

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
  const certificate = `${home}/certificate.pem`;
  const identity = await makeIdentity(certificate);
  const internet = { HTTPS_PROXY: `http://127.0.0.1:${ports.proxy}`, NODE_EXTRA_CA_CERTS: certificate };
  const recorder = await startRecorder(ports, identity);
  const prepare = async (name: LauncherName, options: StartOptions): Promise<Prepared> => {
    const { env = {}, project = {}, models: routes = models, change = (script) => script } = options;
    const directory =
      options.directory === undefined ? mkdtempSync(`${home}/project-`) : `${home}/${options.directory}`;
    await mkdir(directory, { recursive: true });
    for (const [path, text] of Object.entries(project)) put(`${directory}/${path}`, text);
    const launcher = `${directory}.launcher`;
    put(launcher, change(launcherScript(name, layout, routes)), 0o755);
    await ask(recorder, 'clear');
    const words = ['nsenter', `--net=/proc/${recorder.pid}/ns/net`, launcher];
    return { words, cwd: directory, env: { HOME: home, PATH: '/usr/bin:/bin', ...env } };
  };
  const start = async (name: LauncherName, options: StartOptions = {}): Promise<ClientRun> => {
    const { words, ...where } = await prepare(name, options);
    const [file = '', ...front] = words;
    const args = options.args ?? ['-p', 'say hi', '--output-format', 'json'];
    const ran = await run(file, [...front, ...args], where);
    const requests = await ask(recorder, 'requests');
    const messages = requests.filter(asksModel);
    return {
      exitCode: ran.exitCode,
      stderr: ran.stderr,
      stdout: ran.stdout,
      report: parsed(ran.stdout),
      requests,
      messages,
    };
  };
  const converse = async (
    name: LauncherName,
    options: StartOptions,
    talk: (talk: Talk) => Promise<void>,
  ): Promise<readonly Recorded[]> => {
    const { words, cwd, env } = await prepare(name, options);
    // What the client would ask first: whether it may work here.
    const known = { hasCompletedOnboarding: true, projects: { [cwd]: { hasTrustDialogAccepted: true } } };
    put(layout.routedState, options.state ?? JSON.stringify(known));
    const terminal = new TmuxTerminal(['env', '-C', cwd, ...words, ...(options.args ?? [])], { columns: 120, env });
    const messages = async (): Promise<readonly Recorded[]> => (await ask(recorder, 'requests')).filter(asksModel);
    try {
      await terminal.sees('❯');
      await pause(500);
      await talk(talkIn(terminal, messages));
      const asked = await messages();
      await talkIn(terminal, messages).say('/exit');
      await terminal.exitCode();
      options.atEnd?.(terminal.lines);
      return asked;
    } finally {
      terminal.close();
    }
  };
  const close = (): void => {
    recorder.disconnect();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  return { layout, gatewayKey, directKey, internet, start, converse, close };
}

interface Prepared {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

function talkIn(terminal: TmuxTerminal, messages: () => Promise<readonly Recorded[]>): Talk {
  const say = async (line: string): Promise<void> => {
    await terminal.sees('❯');
    terminal.type(line);
    // A key that comes too soon behind the text is taken for a part of it.
    await terminal.sees(line.slice(0, 30));
    await pause(200);
    terminal.press('Enter');
  };
  const until = async (kind: (request: Recorded) => boolean, count = 1): Promise<void> => {
    for (let tries = 0; tries < 600; tries += 1) {
      if ((await messages()).filter(kind).length >= count) return;
      await pause(100);
    }
    throw new Error(`waited for ${count} requests of a kind in vain: ${terminal.text}`);
  };
  return { terminal, say, until };
}

function asksModel({ method, url }: Recorded): boolean {
  return method === 'POST' && new URL(url, 'http://x').pathname.endsWith('/messages');
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

async function startRecorder(listeners: Readonly<Record<string, number>>, identity: Identity): Promise<ChildProcess> {
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

function ask(recorder: ChildProcess, request: 'clear' | 'requests'): Promise<readonly Recorded[]> {
  return new Promise((resolve) => {
    recorder.once('message', (answer) => resolve(answer as readonly Recorded[]));
    recorder.send(request);
  });
}

function parsed(text: string): ClientRun['report'] {
  return text.startsWith('{') ? (JSON.parse(text) as ClientRun['report']) : undefined;
}
