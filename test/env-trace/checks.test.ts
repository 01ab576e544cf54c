import { describe, expect, it } from 'vitest';
import type { CheckFinding } from '../../src/checks/check.ts';
import type { VariableSource } from '../../src/checks/variable-source.ts';
import { aliasesIn, leavesBetasOut } from '../../src/components/launchers/checks.ts';
import { backgroundElsewhere, billed, routedByAccident, undiscovered } from '../../src/env-trace/checks.ts';
import { effortTroubles, keyHelpers, movedLimits, settingsOfOthers } from '../../src/env-trace/settings-checks.ts';
import { Secret } from '../../src/host/secret.ts';
import { planResource } from '../../src/resources/plan-resource.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const home = '/home/claude';

function place(name: string, layer: VariableSource['layer'], more: Partial<VariableSource> = {}): VariableSource {
  return { name, layer, value: new Secret('planted'), ...more };
}

/** What a person learns: severity, whether --fix clears it, where, and what to type where it does not. */
function told(found: readonly CheckFinding[]) {
  return found.map(({ severity = 'broken', fixWith, evidence, fix }) => [
    severity,
    fixWith === undefined ? 'by hand' : fixWith.map(({ title }) => title).join('; '),
    evidence.map(({ path = '-', line = 0 }) => `${path}:${line}`).join(' '),
    fix,
  ]);
}

describe('ANTHROPIC_API_KEY', () => {
  const name = 'ANTHROPIC_API_KEY';
  it.each([
    ['nowhere', [], []],
    [
      'in two files and the manager, fixed at once',
      [
        place(name, 'shell-file', { path: `${home}/.bashrc`, line: 7, reach: 'exported' }),
        place(name, 'user-manager'),
        place(name, 'environment-d', { path: `${home}/.config/environment.d/a.conf`, line: 1 }),
      ],
      [
        [
          'broken',
          `${name} in ${home}/.bashrc; ${name} in ${home}/.config/environment.d/a.conf; ${name} in the service manager`,
          `${home}/.bashrc:7 -:0 ${home}/.config/environment.d/a.conf:1`,
          undefined,
        ],
      ],
    ],
    ['in this shell', [place(name, 'this-shell')], [['broken', 'by hand', '-:0', `unset ${name}`]]],
    [
      'in a file of the machine',
      [place(name, 'system-file', { path: '/etc/environment', line: 3 })],
      [['broken', 'by hand', '/etc/environment:3', `take ${name} out:  sudo nano +3 /etc/environment`]],
    ],
    [
      'where no program sees it',
      [
        place(name, 'shell-file', { path: `${home}/.bashrc`, line: 7, reach: 'shell-only' }),
        place(name, 'shell-file', { path: `${home}/.bashrc`, line: 8, reach: 'in-function' }),
        place(name, 'launcher', { path: `${home}/.local/bin/claude-api`, line: 40 }),
      ],
      [],
    ],
  ])('%s', (_, places, expected) => {
    expect(told(billed(places))).toEqual(expected);
  });
});

describe('other variables of every shell', () => {
  const at = { path: `${home}/.profile`, line: 2 } as const;
  it.each([
    ['a base URL', routedByAccident, 'ANTHROPIC_BASE_URL', 'broken'],
    ['a provider', routedByAccident, 'CLAUDE_CODE_USE_BEDROCK', 'broken'],
    ['a model', routedByAccident, 'ANTHROPIC_MODEL', 'note'],
    ['our own name for a key', routedByAccident, 'ANTHROPIC_DIRECT_KEY', undefined],
    ['the key, which has an check of its own', routedByAccident, 'ANTHROPIC_API_KEY', undefined],
    ['something of the session', routedByAccident, 'DOCKER_HOST', undefined],
    ['the dropped name of the small model', backgroundElsewhere, 'ANTHROPIC_SMALL_FAST_MODEL', 'note'],
    ['what stops discovery', undiscovered, 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC', 'note'],
  ])('%s', (_, judge, name, severity) => {
    const [found] = judge([place(name, 'shell-file', at)]);
    expect(found && (found.severity ?? 'broken')).toBe(severity);
  });
});

describe('the fix', () => {
  it.each([
    [
      'shell-file',
      '.profile',
      'a=1\nexport ANTHROPIC_API_KEY=x # mine\n',
      'a=1\n: #claude-routing# export ANTHROPIC_API_KEY=x # mine\n',
    ],
    [
      'environment-d',
      '.config/environment.d/a.conf',
      'A=1\nANTHROPIC_API_KEY=x\n',
      'A=1\n#claude-routing# ANTHROPIC_API_KEY=x\n',
    ],
  ] as const)('puts the line of a %s out of use and keeps every other byte', async (layer, file, before, after) => {
    const path = `${home}/${file}`;
    const host = new FakeHost({ [path]: before });
    const [found] = billed([place('ANTHROPIC_API_KEY', layer, { path, line: 2 })]);
    const [resource] = found?.fixWith ?? [];
    if (resource === undefined) throw new Error('nothing is to be fixed');
    const plan = await planResource(host, resource);
    if (plan.status !== 'change') throw new Error(plan.status);
    for (const effect of plan.effects) await host.perform(effect);
    expect(await host.readFile(path)).toBe(after);
    expect((await planResource(host, resource)).status).toBe('ok');
  });

  it('says where a person has to go when the line does more', async () => {
    const path = `${home}/.bashrc`;
    const host = new FakeHost({ [path]: 'if true; then export ANTHROPIC_API_KEY=x; fi\n' });
    const [found] = billed([place('ANTHROPIC_API_KEY', 'shell-file', { path, line: 1 })]);
    const [resource] = found?.fixWith ?? [];
    if (resource === undefined) throw new Error('nothing is to be fixed');
    expect(await planResource(host, resource)).toMatchObject({
      status: 'blocked',
      fix: expect.stringContaining('nano +1'),
    });
  });
});

describe('settings of others', () => {
  const ours = [`${home}/.claude-routed`];
  const base = 'ANTHROPIC_BASE_URL';
  it.each([
    [
      'ours, which have an check of their own',
      place(base, 'user-settings', { path: 'a', configDir: `${home}/.claude-routed` }),
      undefined,
    ],
    [
      'personal',
      place(base, 'user-settings', { path: `${home}/.claude/settings.json`, line: 3, configDir: `${home}/.claude` }),
      'broken',
    ],
    ['managed', place(base, 'managed-settings', { path: '/etc/claude-code/managed-settings.json', line: 3 }), 'broken'],
    ['of a project', place(base, 'project-settings', { path: '/src/.claude/settings.json', line: 3 }), 'note'],
    [
      'a window',
      place('CLAUDE_CODE_MAX_CONTEXT_TOKENS', 'user-settings', { path: 'a', configDir: `${home}/.claude` }),
      undefined,
    ],
    ['a model that was chosen in a session', place('model', 'user-settings', { path: 'a', setting: true }), undefined],
  ])('%s', (_, one, severity) => {
    expect(settingsOfOthers([one], ours)[0]?.severity).toBe(severity);
  });

  it('names the line, and sudo where it is needed', () => {
    const managed = place(base, 'managed-settings', { path: '/etc/claude-code/managed-settings.json', line: 3 });
    expect(settingsOfOthers([managed], ours)[0]?.fix).toBe(
      'take ANTHROPIC_BASE_URL out of its "env":  sudo nano +3 /etc/claude-code/managed-settings.json',
    );
  });

  it('finds a program that hands out another login', () => {
    const helper = place('apiKeyHelper', 'user-settings', {
      path: `${home}/.claude/settings.json`,
      line: 2,
      setting: true,
    });
    expect(keyHelpers([helper, place('model', 'user-settings', { setting: true })])).toMatchObject([
      { severity: 'broken', evidence: [{ line: 2 }] },
    ]);
  });
});

describe('windows and limits', () => {
  const name = 'CLAUDE_CODE_MAX_CONTEXT_TOKENS';
  const routed = `${home}/.claude-routed`;
  it.each([
    ['of this project', place(name, 'project-settings', { path: '/src/.claude/settings.json', line: 3 }), 1],
    ['of another project', place(name, 'project-settings', { path: 'a', elsewhere: true }), 0],
    ['of the routed mode', place(name, 'user-settings', { path: 'a', configDir: routed }), 1],
    ['of the subscription', place(name, 'user-settings', { path: 'a', configDir: `${home}/.claude` }), 0],
    ['of a launcher', place(name, 'launcher', { path: 'a' }), 0],
    ['another variable', place('ANTHROPIC_MODEL', 'project-settings', { path: 'a' }), 0],
  ])('%s', (_, one, count) => {
    expect(movedLimits([one], routed)).toHaveLength(count);
  });
});

describe('effort', () => {
  const settings = '{\n  "effortLevel": "xhigh"\n}\n';
  it.each([
    ['claude-sonnet-4-6', settings, 2],
    ['claude-opus-4-6', settings, 2],
    ['foundry/claude-opus-5', settings, 2],
    ['claude-sonnet-5-5', settings, undefined],
    ['claude-opus-4-8', settings, undefined],
    ['claude-sonnet-4-6', settings.replace('xhigh', 'high'), undefined],
    ['claude-sonnet-4-6', '', undefined],
  ])('of %s with %j', (main, text, line) => {
    expect(effortTroubles('settings.json', text, main)[0]?.evidence[0]?.line).toBe(line);
  });
});

describe('launchers', () => {
  const resource = {
    kind: 'file',
    id: 'start-up-file:~/.bash_aliases',
    title: '~/.bash_aliases',
    path: 'x',
    mode: 0o644,
    content: '',
  } as const;
  it.each([
    ["alias ll='ls -l'\n", undefined],
    ["alias ll='ls -l'\nalias claude-routed='claude'\n", 2],
    ['# alias claude-routed=claude\n', undefined],
  ])('an alias in %j', (text, line) => {
    expect(aliasesIn('x', text, resource)[0]?.evidence[0]?.line).toBe(line);
  });

  it.each([
    ['export CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1\n', true],
    ['export CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=0\n', false],
    ['# CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1\n', false],
  ])('whether %j leaves the headers out', (text, does) => {
    expect(leavesBetasOut(text)).toBe(does);
  });
});
