import { describe, expect, it } from 'vitest';
import type { Precedence, VariableSource } from '../../src/checks/variable-source.ts';
import { launcherEnvironment } from '../../src/components/launchers/environment.ts';
import { launcherScript } from '../../src/components/launchers/launchers.ts';
import { limitVariables, routingVariables } from '../../src/components/launchers/routing-variables.ts';
import { shellVariables } from '../../src/env-trace/shell-variables.ts';
import { type Credential, isWatched, loginOf } from '../../src/env-trace/watched-variables.ts';
import { type Explanation, explain, type Starter, starters } from '../../src/env-trace/why.ts';
import { Secret } from '../../src/host/secret.ts';
import { launcherNames, layoutFor } from '../../src/layout.ts';
import { models } from '../render/launcher-box.ts';

const layout = layoutFor({ user: 'anna', uid: 1234, home: '/home/anna' });

function place(layer: Precedence, name: string, value: string, more: Partial<VariableSource> = {}): VariableSource {
  return { layer, name, value: new Secret(value), path: `/${layer}/${value}`, line: 1, ...more };
}

/** What our launchers say, as it is found on a machine. */
const ours: readonly VariableSource[] = launcherNames.flatMap((name) =>
  shellVariables(launcherScript(name, layout, models), layout.home).found.map(
    (found): VariableSource => ({ layer: 'launcher', within: name, path: layout.launchers[name], ...found }),
  ),
);

function explained(starter: Starter, name: string, places: readonly VariableSource[]): Explanation {
  return explain(name, { starter, layout, places: [...places, ...ours] });
}

function winnerOf(starter: Starter, name: string, places: readonly VariableSource[]): string | undefined {
  return explained(starter, name, places).winner?.value.reveal();
}

function reasonsOf(starter: Starter, name: string, places: readonly VariableSource[]): readonly string[] {
  return explained(starter, name, places).passed.map(({ place: { value }, reason }) => `${value.reveal()}: ${reason}`);
}

/** The layers that can be set one by one, strongest first, and how each is made. */
const made: readonly (readonly [Precedence, (name: string, starter: Starter) => VariableSource])[] = [
  ['managed-settings', (name) => place('managed-settings', name, 'managed')],
  ['local-settings', (name) => place('local-settings', name, 'local-file', { project: '/p' })],
  ['project-settings', (name) => place('project-settings', name, 'project', { project: '/p' })],
  ['user-settings', (name, starter) => place('user-settings', name, 'user', { configDir: configDirs[starter] })],
  ['client-state', (name, starter) => place('client-state', name, 'state', { configDir: configDirs[starter] })],
  ['this-shell', (name) => place('this-shell', name, 'shell')],
  ['shell-file', (name) => place('shell-file', name, 'shell', { reach: 'exported' })],
];
const configDirs: Readonly<Record<Starter, string>> = {
  'claude-routed': layout.routedConfigDir,
  'claude-local': layout.routedConfigDir,
  'claude-offline': layout.routedConfigDir,
  'claude-api': layout.apiConfigDir,
  claude: '/home/anna/.claude',
};
const combinations = Array.from({ length: 2 ** made.length }, (_, bits) => made.filter((_, bit) => (bits >> bit) & 1));

/** What decides about a variable of each kind, strongest first, written down a second time. */
const settings: readonly Precedence[] = [
  'managed-settings',
  'local-settings',
  'project-settings',
  'user-settings',
  'client-state',
];
const usual: readonly Precedence[] = [...settings, 'this-shell'];
const deciders: Readonly<Record<string, readonly [launched: readonly Precedence[], plain: readonly Precedence[]]>> = {
  ANTHROPIC_MODEL: [['launcher'], usual],
  ANTHROPIC_BASE_URL: [['launcher'], usual],
  CLAUDE_CODE_MAX_CONTEXT_TOKENS: [[...settings, 'launcher'], usual],
  CLAUDE_CODE_EXTRA_BODY: [settings, usual],
  MAX_THINKING_TOKENS: [usual, usual],
  HTTPS_PROXY: [['this-shell'], usual],
  CLAUDE_CODE_OAUTH_TOKEN: [[], ['managed-settings', 'user-settings', 'client-state', 'this-shell']],
  DISABLE_COMPACT: [['this-shell'], ['this-shell']],
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: [[...settings, 'launcher'], usual],
};

describe('whatever is set together', () => {
  it.each(Object.keys(deciders))('one place decides about %s and every other one is told why not', (name) => {
    for (const starter of starters) {
      const order = deciders[name]?.[starter === 'claude' ? 1 : 0] ?? [];
      for (const combination of combinations) {
        const places = combination.map(([, make]) => make(name, starter));
        const { winner, passed } = explained(starter, name, places);
        const launched = ours.some((one) => one.within === starter && one.name === name) ? ['launcher'] : [];
        const there = [...combination.map(([layer]) => layer), ...launched];
        expect(winner?.layer).toBe(order.find((layer) => there.includes(layer)));
        const told = passed.map((one) => one.place).filter(({ layer }) => layer !== 'launcher');
        expect([...told, winner].filter((one) => one !== undefined && places.includes(one))).toHaveLength(
          places.length,
        );
        expect(new Set(told).size).toBe(told.length);
        expect(passed.every(({ reason }) => reason !== '' && !reason.includes('undefined'))).toBe(true);
      }
    }
  });
});

describe('of two places in one layer', () => {
  it.each<readonly [string, Precedence, Partial<VariableSource>, Partial<VariableSource>]>([
    ['managed drop-ins', 'managed-settings', {}, {}],
    ['those of the directory and of its repository', 'local-settings', { project: '/r/p' }, { project: '/r' }],
  ])('the last one counts: %s', (_, layer, first, last) => {
    const places = [place(layer, 'DOCKER_HOST', 'first', first), place(layer, 'DOCKER_HOST', 'last', last)];
    expect(winnerOf('claude', 'DOCKER_HOST', places)).toBe('last');
    expect(reasonsOf('claude', 'DOCKER_HOST', places)).toEqual([expect.stringContaining('/last')]);
  });
});

describe('a place does not decide', () => {
  const model = 'ANTHROPIC_MODEL';
  const at = (layer: Precedence, name = model, more: Partial<VariableSource> = {}) => place(layer, name, 'x', more);
  const own = { configDir: '/home/anna/.claude' };

  it.each<readonly [reason: string, starter: Starter, at: VariableSource]>([
    ['counts in /other only', 'claude', at('project-settings', model, { project: '/other', elsewhere: true })],
    ['claude-local does not read /home/anna/.claude', 'claude-local', at('user-settings', model, own)],
    ['ignored: the launcher pins the route', 'claude-local', at('project-settings', 'apiKeyHelper', { setting: true })],
    ['ignored: the launcher pins the route', 'claude-api', at('managed-settings', 'ANTHROPIC_BASE_URL')],
    ['unset by the launcher', 'claude-api', at('this-shell')],
    ['overridden by the launcher', 'claude-local', at('this-shell', 'API_TIMEOUT_MS')],
    ['Claude Code does not take it from settings', 'claude', at('user-settings', 'DISABLE_COMPACT', own)],
    ['Claude Code does not take it from a project', 'claude', at('local-settings', 'CLAUDE_CODE_OAUTH_TOKEN')],
    ['not exported, so no program sees it', 'claude', at('shell-file', model, { reach: 'shell-only' })],
    ['only when mine is called', 'claude', at('shell-file', model, { reach: 'in-function', within: 'mine' })],
    ['only for the command in mine', 'claude', at('shell-file', model, { reach: 'one-command', within: 'mine' })],
    ['only when claude-mine is called', 'claude', at('launcher', model, { within: 'claude-mine' })],
    ['not in this shell; a new one may have it', 'claude', at('system-file', model, { reach: 'exported' })],
    ['only the gateway and the launchers read this file', 'claude', at('secrets-file', 'ANTHROPIC_API_KEY')],
    ["only what the user's systemd starts gets it", 'claude', at('user-manager')],
    ["only what the user's systemd starts gets it", 'claude', at('environment-d')],
  ])('%s', (reason, starter, where) => {
    expect(reasonsOf(starter, where.name, [where])).toEqual([`x: ${reason}`]);
    expect(winnerOf(starter, where.name, [where])).not.toBe('x');
  });

  it('when this shell has a different value, or the same', () => {
    const here = place('this-shell', 'ANTHROPIC_MODEL', 'x');
    const file = (value: string) => place('shell-file', 'ANTHROPIC_MODEL', value, { reach: 'exported' });
    expect(reasonsOf('claude', 'ANTHROPIC_MODEL', [here, file('x'), file('y')])).toEqual([
      'x: this shell has it from here',
      'y: this shell has a different value',
    ]);
  });
});

describe('where user settings lie', () => {
  it('is what CLAUDE_CONFIG_DIR of this shell says, for the plain command alone', () => {
    const moved = place('this-shell', 'CLAUDE_CONFIG_DIR', '/conf');
    const user = place('user-settings', 'DOCKER_HOST', 'x', { configDir: '/conf' });
    expect(winnerOf('claude', 'DOCKER_HOST', [moved, user])).toBe('x');
    expect(winnerOf('claude-api', 'DOCKER_HOST', [moved, user])).toBeUndefined();
  });
});

describe('the model that a settings file names', () => {
  const setting = place('project-settings', 'model', 'opus', { setting: true });

  it('counts where no variable names one', () => {
    expect(winnerOf('claude', 'ANTHROPIC_MODEL', [setting])).toBe('opus');
    expect(winnerOf('claude', 'ANTHROPIC_MODEL', [setting, place('this-shell', 'ANTHROPIC_MODEL', 'x')])).toBe('x');
    expect(reasonsOf('claude-local', 'ANTHROPIC_MODEL', [setting])).toEqual(['opus: overridden by ANTHROPIC_MODEL']);
  });
});

describe('a launcher', () => {
  it('that lost its pin is led by settings', () => {
    const [pin, rest] = ['CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST', place('project-settings', 'ANTHROPIC_MODEL', 'evil')];
    const unpinned = ours.filter(({ name }) => name !== pin);
    const start = { starter: 'claude-local', layout, places: [rest, ...unpinned] } as const;
    expect(explain('ANTHROPIC_MODEL', start).winner?.value.reveal()).toBe('evil');
  });

  it('says a value twice, and the later line counts', () => {
    const asked = [
      place('launcher', 'CLAUDE_CODE_MAX_CONTEXT_TOKENS', '1000', { within: 'claude-mine' }),
      place('launcher', 'CLAUDE_CODE_MAX_CONTEXT_TOKENS', '$window', { within: 'claude-local', line: 99 }),
    ];
    const start = { starter: 'claude-local', layout, places: [...ours, ...asked] } as const;
    const { winner, passed } = explain('CLAUDE_CODE_MAX_CONTEXT_TOKENS', start);
    expect(winner?.line).toBe(99);
    expect(passed.map(({ place: { within } }) => within)).toEqual(['claude-mine']);
  });
});

describe('a request carries', () => {
  it.each<readonly [readonly Credential[], string, string]>([
    [[], 'the saved login', 'nothing'],
    [['CLAUDE_CODE_OAUTH_TOKEN'], 'CLAUDE_CODE_OAUTH_TOKEN', 'nothing'],
    [['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'], 'the saved login', 'ANTHROPIC_API_KEY'],
    [
      ['ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'],
      'ANTHROPIC_AUTH_TOKEN',
      'ANTHROPIC_API_KEY',
    ],
    [['apiKeyHelper'], 'apiKeyHelper', 'apiKeyHelper'],
    [['apiKeyHelper', 'CLAUDE_CODE_OAUTH_TOKEN'], 'apiKeyHelper', 'apiKeyHelper'],
    [['apiKeyHelper', 'ANTHROPIC_AUTH_TOKEN'], 'ANTHROPIC_AUTH_TOKEN', 'apiKeyHelper'],
    [['apiKeyHelper', 'ANTHROPIC_API_KEY'], 'apiKeyHelper', 'ANTHROPIC_API_KEY'],
  ])('of %j what the client sends', (set, authorization, apiKey) => {
    const login = loginOf(new Set(set));
    expect([login.authorization ?? 'the saved login', login.apiKey ?? 'nothing']).toEqual([authorization, apiKey]);
  });
});

describe('watched variables', () => {
  it('are all that the launchers set or unset', () => {
    const set = launcherNames.flatMap((name) => Object.keys(launcherEnvironment(name, layout, models)));
    expect([...set, ...routingVariables, ...limitVariables].filter((name) => !isWatched(name))).toEqual([]);
  });
});
