import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VariableSource } from '../../src/checks/variable-source.ts';
import { launcherScript } from '../../src/components/launchers/launchers.ts';
import { findVariablePlaces } from '../../src/env-trace/find-variable-sources.ts';
import { knownVariables, pinHolds, projectsMaySet, settingsMaySet } from '../../src/env-trace/watched-variables.ts';
import { explain, type Starter, sentKeys } from '../../src/env-trace/why.ts';
import { RealHost } from '../../src/host/real-host.ts';
import { createMasking } from '../../src/host/secret.ts';
import { put } from '../render/scratch.ts';
import { type ClientLab, type ClientRun, models, openClientLab, ports } from './client-lab.ts';

let lab: ClientLab;
let probe: RealHost;
beforeAll(async () => {
  lab = await openClientLab();
  const { home } = lab.layout;
  // The machine's own /etc is not the lab's: both the client and the look at it see this one.
  mkdirSync(`${home}/etc`);
  put(`${home}/etc/passwd`, readFileSync('/etc/passwd', 'utf8'));
  for (const name of ['claude-local', 'claude-routed'] as const)
    put(lab.layout.launchers[name], launcherScript(name, lab.layout, models), 0o755);
  probe = new RealHost({
    uid: 0,
    masking: createMasking(),
    backupFolder: `${home}/backups`,
    env: { PATH: '/nowhere' },
    onLine: () => undefined,
    ground: { path: (path) => (path.startsWith('/etc/') ? `${home}${path}` : path), url: (url) => url },
  });
});
afterAll(() => lab.close());

const gateway = `http://127.0.0.1:${ports.gateway}`;

/** Files of the home and of the machine, by their path; `~` is the home. */
type Files = Readonly<Record<string, string>>;

interface Scene {
  readonly starter: 'claude' | 'claude-local';
  readonly files: Files;
  readonly env: Readonly<Record<string, string>>;
  /** Directory below the home in which the client is started. */
  readonly directory: string;
}

interface Seen {
  readonly run: ClientRun;
  readonly places: readonly VariableSource[];
}

let scenes = 0;

/** Starts the client once, and looks at the same machine for places. Files are gone afterwards. */
async function shown({ starter, files, env, directory }: Scene): Promise<Seen> {
  const { home } = lab.layout;
  scenes += 1;
  const cwd = `${home}/scene-${scenes}/${directory}`;
  const paths = Object.entries(files).map(([path, text]) => {
    const place = path.replace(/^~/, home).replace(/^\/etc/, `${home}/etc`);
    const whole = place.startsWith('/') ? place : `${home}/scene-${scenes}/${place}`;
    put(whole, text);
    return whole;
  });
  mkdirSync(cwd, { recursive: true });
  try {
    const run = await lab.start('claude-local', {
      directory: cwd.slice(home.length + 1),
      env,
      change: (script) => inOwnEtc(starter === 'claude' ? `exec ${lab.layout.claudeBinary} "$@"\n` : script),
    });
    const { places } = await findVariablePlaces(probe, { layout: lab.layout, environment: env, cwd });
    return { run, places };
  } finally {
    for (const path of paths) rmSync(path);
  }
}

/** The script in a mount namespace in which /etc is that of the lab. */
function inOwnEtc(script: string): string {
  const real = `${lab.layout.home}/started`;
  put(real, script.startsWith('#!') ? script : `#!/bin/bash\n${script}`, 0o755);
  return `#!/bin/bash\nexec unshare -m bash -c 'mount --bind ${lab.layout.home}/etc /etc && exec ${real} "$@"' x "$@"\n`;
}

function decided(starter: Starter, name: string, places: readonly VariableSource[]): string | undefined {
  return explain(name, { starter, layout: lab.layout, places }).winner?.value.reveal();
}

/** What the client's first request says, in the names of variables. */
function used({ messages, report }: ClientRun): Readonly<Record<string, string | undefined>> {
  const [first] = messages;
  if (first === undefined) throw new Error('the client asked nothing');
  const { model, max_tokens } = first.body as { readonly model: string; readonly max_tokens: number };
  return {
    ANTHROPIC_MODEL: model,
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${ports[first.at as 'gateway' | 'elsewhere']}`,
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(max_tokens),
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(report?.modelUsage[model]?.contextWindow),
  };
}

/** The layers, each with values of its own: the number is in all of them. */
const files: Readonly<Record<string, string>> = {
  managed: '/etc/claude-code/managed-settings.json',
  dropIn: '/etc/claude-code/managed-settings.d/10-a.json',
  repository: '.claude/settings.local.json',
  local: 'shop/.claude/settings.local.json',
  project: 'shop/.claude/settings.json',
  user: '~/.claude/settings.json',
  routed: '~/.claude-routed/settings.json',
  state: '~/.claude.json',
  routedState: '~/.claude-routed/.claude.json',
};
const order = [...Object.keys(files), 'shell'];

function values(layer: string): Readonly<Record<string, string>> {
  const number = 1 + order.indexOf(layer);
  return {
    ANTHROPIC_MODEL: `model-of-${layer}`,
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: `${number}111`,
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: `${number}2222`,
    ...(number % 2 === 0
      ? { ANTHROPIC_BASE_URL: `http://127.0.0.1:${ports.elsewhere}` }
      : { ANTHROPIC_BASE_URL: gateway }),
  };
}

function scene(starter: Scene['starter'], layers: readonly string[]): Scene {
  const settings = layers.flatMap((layer) => {
    const path = files[layer];
    return path === undefined ? [] : [[path, JSON.stringify({ env: values(layer) })] as const];
  });
  const repository: Files = layers.includes('repository') ? { '.git/HEAD': 'ref: refs/heads/main\n' } : {};
  const key = { ANTHROPIC_AUTH_TOKEN: 'token-of-this-shell' };
  const basics = starter === 'claude' ? { ANTHROPIC_BASE_URL: gateway, ...key } : {};
  const env = layers.includes('shell') ? { ...basics, ...values('shell') } : basics;
  return { starter, files: { ...repository, ...Object.fromEntries(settings) }, env, directory: 'shop' };
}

/** Each layer against the next one that counts, and all of them. */
const plain = ['managed', 'repository', 'local', 'project', 'user', 'state', 'shell'];
const launched = ['managed', 'repository', 'local', 'project', 'routed', 'routedState', 'shell'];

function chains(layers: readonly string[]): readonly (readonly string[])[] {
  return [
    ...layers.map((_, index) => layers.slice(index)),
    ...layers.slice(1).map((layer, index) => [layers[index] ?? '', layer]),
  ];
}

describe('the client uses what why names as the winner', () => {
  it.each<readonly [Scene['starter'], string]>([
    ...[...chains(plain), ['managed', 'dropIn'], ['project', 'routed'], []].map(
      (layers) => ['claude', layers.join(' ')] as const,
    ),
    ...[...chains(launched).slice(0, 7), ['user', 'state', 'shell'], ['managed', 'shell'], []].map(
      (layers) => ['claude-local', layers.join(' ')] as const,
    ),
  ])('%s with %s', async (starter, layers) => {
    const { run, places } = await shown(scene(starter, layers.split(' ')));
    expect([run.exitCode, run.messages.length > 0]).toEqual([0, true]);
    const seen = used(run);
    let compared = 0;
    for (const [name, value] of Object.entries(seen)) {
      const winner = decided(starter, name, places);
      if (winner === undefined) continue;
      compared += 1;
      expect([name, value]).toEqual([name, winner]);
    }
    expect(compared).toBe(layers === '' && starter === 'claude' ? 1 : 4);
  });
});

describe('the client sends the keys that why names', () => {
  const helper = JSON.stringify({ apiKeyHelper: 'echo key-of-helper' });
  const token = { ANTHROPIC_AUTH_TOKEN: 'token' };
  const key = { ANTHROPIC_API_KEY: 'key' };
  const oauth = { CLAUDE_CODE_OAUTH_TOKEN: 'login' };

  it.each<readonly [string, Readonly<Record<string, string>>, Files]>([
    ['a key', key, {}],
    ['a token, a key and a login', { ...token, ...key, ...oauth }, {}],
    ['a key and a login', { ...key, ...oauth }, {}],
    ['a helper, a token and a login', { ...token, ...oauth }, { '~/.claude/settings.json': helper }],
    ['a helper and a key', key, { '.claude/settings.json': helper }],
    [
      'a login, and another one in the project',
      oauth,
      { '.claude/settings.json': JSON.stringify({ env: { CLAUDE_CODE_OAUTH_TOKEN: 'evil' } }) },
    ],
    [
      'a login in the settings of the person',
      {},
      { '~/.claude/settings.json': JSON.stringify({ env: { CLAUDE_CODE_OAUTH_TOKEN: 'login' } }) },
    ],
  ])('%s', async (_, set, settings) => {
    const env = { ANTHROPIC_BASE_URL: gateway, ...set };
    const { run, places } = await shown({ starter: 'claude', files: settings, env, directory: '.' });
    const { authorization, apiKey } = sentKeys({ starter: 'claude', layout: lab.layout, places });
    const sent = (place: VariableSource | undefined) => place?.value.reveal().replace(/^echo /, '');
    const { headers } = run.messages[0] ?? {};
    expect(headers?.['x-api-key']).toBe(sent(apiKey));
    expect(headers?.authorization?.replace('Bearer ', '')).toBe(sent(authorization));
    expect([apiKey, authorization]).not.toEqual([undefined, undefined]);
  });

  it('of the launcher, whatever else is set', async () => {
    const files = { '~/.claude-routed/settings.json': helper };
    const env = { ...token, ...key, ...oauth };
    const { run, places } = await shown({ starter: 'claude-local', files, env, directory: '.' });
    const { authorization, apiKey } = sentKeys({ starter: 'claude-local', layout: lab.layout, places });
    expect([authorization?.layer, authorization?.value.reveal(), apiKey]).toEqual(['launcher', '$key', undefined]);
    expect(run.messages[0]?.headers.authorization).toBe(`Bearer ${lab.gatewayKey}`);
    expect(run.messages[0]?.headers).not.toHaveProperty('x-api-key');
  });
});

describe('the client takes from settings what the rules say', () => {
  /** A hook is given the client's own environment. */
  const odd: Readonly<Record<string, string>> = {
    ANTHROPIC_CUSTOM_HEADERS: 'x-probe: 1',
    CLAUDE_CODE_EXTRA_BODY: '{}',
  };
  const names = knownVariables.filter((name) => name !== 'apiKeyHelper' && name !== 'model');

  it.each<readonly [string, Scene['starter'], string, (name: string) => boolean]>([
    [
      'a project, past the pin',
      'claude-local',
      '.claude/settings.json',
      (name) => !pinHolds(name) && projectsMaySet(name),
    ],
    [
      'the person, past the pin',
      'claude-local',
      '~/.claude-routed/settings.json',
      (name) => !pinHolds(name) && settingsMaySet(name),
    ],
    ['a project', 'claude', '.claude/settings.json', projectsMaySet],
  ])('of %s', async (_, starter, path, expected) => {
    const seen = `${lab.layout.home}/environment-${scenes}`;
    const values = new Map(names.map((name) => [name, odd[name] ?? `probe-${name}`]));
    const hooks = { SessionStart: [{ hooks: [{ type: 'command', command: `env >${seen}` }] }] };
    const files = {
      [path]: JSON.stringify({ env: Object.fromEntries(values) }),
      // Beside the project's settings, because another CLAUDE_CONFIG_DIR takes hooks of the person away.
      '.claude/settings.local.json': JSON.stringify({ hooks }),
    };
    await shown({ starter, files, env: {}, directory: '.' });
    const lines = new Set(readFileSync(seen, 'utf8').split('\n'));
    const taken = names.filter((name) => lines.has(`${name}=${values.get(name)}`));
    expect(taken.sort()).toEqual(names.filter(expected).sort());
  });
});
