import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { Answers } from '../../src/config/schema.ts';
import type { Secrets } from '../../src/config/secrets.ts';
import type { Command, CommandResult, HttpReply, HttpRequest } from '../../src/host/host.ts';
import { exchange } from '../../src/host/http-client.ts';
import { createMasking, Secret } from '../../src/host/secret.ts';
import { createTerminal } from '../../src/ui/terminal.ts';
import { type Interviewed, interview } from '../../src/wizard/interview.ts';
import { anthropic } from '../machine/stand-ins/anthropic.ts';
import { deployment, foundry } from '../machine/stand-ins/foundry.ts';
import { type LmStudioOptions, lmStudio } from '../machine/stand-ins/lm-studio.ts';
import { closedAddress, listen } from '../machine/stand-ins/stand-in.ts';
import { serveListener, serveRaw } from '../services/loopback.ts';
import { ScriptedTerminal } from './scripted-terminal.ts';

/** Random values that must be seen nowhere. */
export interface Keys {
  readonly anthropic: string;
  readonly foundry: string;
  readonly token: string;
}

export interface Scene {
  readonly terminal: ScriptedTerminal;
  readonly keys: Keys;
  readonly lmStudio: ReturnType<typeof lmStudio>;
  readonly anthropic: ReturnType<typeof anthropic>;
  readonly foundry: ReturnType<typeof foundry>;
  /** Starts the interview; the answers come when the script is through. */
  interview(earlier?: Answers, known?: Partial<Secrets>): Promise<Interviewed>;
}

export interface SceneOptions {
  readonly columns?: number;
  readonly local?: LmStudioOptions;
  /** The token is on when this is true. */
  readonly token?: boolean;
  /** What answers at `furtherAddress`; nothing where it is left out. */
  readonly further?: LmStudioOptions;
  /** Where a real server answers, instead of the stand-in for LM Studio. */
  readonly server?: string;
  /** The network card of LM Studio's machine, where the kernel knows it. */
  readonly mac?: string;
}

/** Addresses that the person types, and what answers for them in truth. */
export const lmStudioAddress = 'http://192.168.1.20:1234';
/** LM Studio's machine, at a port where nothing listens. */
export const wrongPortAddress = 'http://192.168.1.20:4321';
export const deadAddress = 'http://192.168.1.21:1234';
export const silentAddress = 'http://192.168.1.22:1234';
/** A second server of the local model. */
export const furtherAddress = 'http://192.168.1.23:1234';
export const routerAddress = 'http://192.168.1.1:1234';

/** The wizard's world on loopback: LM Studio, a router's web page, a port that drops, one that refuses, and both clouds. */
export async function openScene({
  columns = 80,
  local = {},
  token = false,
  server,
  mac,
  further,
}: SceneOptions = {}): Promise<Scene> {
  const keys = { anthropic: `sk-ant-api03-${canary()}`, foundry: canary(), token: `sk-lm-${canary()}` };
  const studio = lmStudio({ ...local, ...(token ? { tokens: [keys.token] } : {}) });
  const claude = anthropic({ keys: { [keys.anthropic]: null } });
  const azure = foundry({
    keys: { [keys.foundry]: null },
    deployments: [
      deployment('claude-sonnet-4-6'),
      deployment('claude-haiku-4-5'),
      deployment('prod-chat', 'claude-opus-4-8'),
    ],
  });
  const more = listen(lmStudio(further ?? {}));
  const [a, b, c, d] = await Promise.all([listen(studio), listen(claude), listen(azure), more]);
  const addresses: Record<string, string> = {
    [lmStudioAddress]: server ?? a.url,
    'https://api.anthropic.com': b.url,
    'https://myfoundry.services.ai.azure.com': c.url,
    [routerAddress]: await serveListener((_request, response) => response.end('<!doctype html><title>Router</title>')),
    [silentAddress]: await serveRaw(() => undefined),
    [deadAddress]: await closedAddress(),
    ...(further === undefined ? {} : { [furtherAddress]: d.url }),
    [wrongPortAddress]: await closedAddress(),
  };
  onTestFinished(async () => void (await Promise.all([a, b, c, d].map(async (one) => await one.close()))));
  const terminal = new ScriptedTerminal(columns);
  const ui = createTerminal({
    input: terminal.input,
    output: terminal.output,
    interactive: true,
    animated: true,
    color: false,
    verbose: false,
    masking: createMasking(),
  });
  const probe = {
    http: async (request: HttpRequest) => await exchangeWithin(addresses, request),
    query: async ({ file, args }: Command) => networkSays([file, ...args].join(' '), mac),
  };
  const machine = { architecture: 'amd64', hostName: 'box', addresses: ['192.168.1.10'], earlierWrites: [] } as const;
  const gatewayKey = new Secret(`sk-${canary()}`);
  return {
    terminal,
    keys,
    lmStudio: studio,
    anthropic: claude,
    foundry: azure,
    interview: async (earlier, known = {}) =>
      await terminal.run(interview({ ui, probe, machine, earlier, known: { gatewayKey, ...known } })),
  };
}

/** A scene in which nobody answered anything before, with the interview begun. */
export async function begin(options: SceneOptions = {}) {
  const scene = await openScene(options);
  const { terminal, keys } = scene;
  return { scene, terminal, keys, interviewed: scene.interview() };
}

/** What the system says of LM Studio's machine; without a network card it has neither program. */
function networkSays(command: string, mac: string | undefined): CommandResult {
  const said: Readonly<Record<string, string>> = {
    'getent ahosts 192.168.1.20': '192.168.1.20    STREAM 192.168.1.20\n',
    'ip -json route get 192.168.1.20':
      '[{"dst":"192.168.1.20","dev":"eth0","prefsrc":"192.168.1.10","flags":[],"uid":1000}]',
    'ip -json neighbour show 192.168.1.20': `[{"dst":"192.168.1.20","dev":"eth0","lladdr":"${mac}","state":["REACHABLE"]}]`,
  };
  const stdout = mac === undefined ? '' : said[command];
  if (stdout === undefined) throw new Error(`nobody said what is answered to: ${command}`);
  return { exitCode: stdout === '' ? 127 : 0, stdout, stderr: '' };
}

/** A real exchange with what stands for an address; no other name exists here, so that nothing leaves the machine. */
async function exchangeWithin(addresses: Readonly<Record<string, string>>, request: HttpRequest): Promise<HttpReply> {
  const found = Object.entries(addresses).find(([beginning]) => request.url.startsWith(beginning));
  if (found === undefined) return { reached: false, failure: 'name-not-found', detail: 'ENOTFOUND', ms: 1 };
  return await exchange({ ...request, url: `${found[1]}${request.url.slice(found[0].length)}` });
}

export function canary(): string {
  return randomBytes(24).toString('hex');
}
