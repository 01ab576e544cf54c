import { describe, expect, it } from 'vitest';
import { launcherScript } from '../../src/components/launchers/launchers.ts';
import { findVariablePlaces } from '../../src/env-trace/find-variable-sources.ts';
import { layoutFor } from '../../src/layout.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';
import { models } from '../render/launcher-box.ts';

const layout = layoutFor({ user: 'anna', uid: 1234, home: '/home/anna' });
const showEnvironment =
  'XDG_RUNTIME_DIR=/run/user/1234 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1234/bus DOCKER_HOST=unix:///run/user/1234/docker.sock systemctl --user show-environment';

const asked = `print -r -- "\${ZDOTDIR:-$HOME}"`;

function machine(files: Readonly<Record<string, string>>, manager = ''): FakeHost {
  return new FakeHost(files)
    .tell(showEnvironment, { stdout: manager })
    .tell('getent passwd anna', { exitCode: 2 })
    .tell(`zsh -f -c '${asked}'`, { exitCode: 127 })
    .tell(`zsh -c '${asked}'`, { exitCode: 127 });
}

/** A machine on which a file and a folder belong to somebody else. */
class LockedHost extends FakeHost {
  override async readFile(path: string): Promise<string | undefined> {
    if (path === '/home/anna/.zshrc') throw new Error('EACCES');
    return await super.readFile(path);
  }

  override async list(path: string): Promise<readonly string[]> {
    if (path === '/etc/environment.d') throw new Error('EACCES');
    return await super.list(path);
  }
}

function env(name: string, value: string): string {
  return `{\n  "env": { "${name}": "${value}" }\n}\n`;
}

async function found(
  host: FakeHost,
  cwd = '/srv/shop',
  environment: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { places, unreadable } = await findVariablePlaces(host, { layout, environment, cwd });
  return [
    ...places.map(
      ({ name, value, layer, path = '', line = '', elsewhere }) =>
        `${layer} ${path}:${line} ${name}=${value.reveal()}${elsewhere ? ' (elsewhere)' : ''}`,
    ),
    ...unreadable.map(({ layer, path, line = '' }) => `unreadable ${layer} ${path}:${line}`),
  ];
}

describe('places of a variable', () => {
  it('are found in every layer, the strongest first', async () => {
    const host = machine(
      {
        '/etc/claude-code/managed-settings.json': env('ANTHROPIC_MODEL', 'managed'),
        '/etc/claude-code/managed-settings.d/10-a.json': env('ANTHROPIC_MODEL', 'drop-in'),
        '/etc/claude-code/managed-settings.d/notes.txt': env('ANTHROPIC_MODEL', 'no'),
        '/srv/shop/.claude/settings.local.json': env('ANTHROPIC_MODEL', 'local'),
        '/srv/shop/.claude/settings.json': env('ANTHROPIC_MODEL', 'project'),
        '/home/anna/.claude/settings.json': env('ANTHROPIC_MODEL', 'user'),
        '/home/anna/.claude-routed/settings.json': env('ANTHROPIC_MODEL', 'routed'),
        '/home/anna/.claude.json': env('ANTHROPIC_MODEL', 'state'),
        '/home/anna/.local/bin/claude-mine': '#!/bin/sh\nANTHROPIC_MODEL=mine exec claude "$@"\n',
        '/home/anna/.config/claude-secrets.env': '# keys\nANTHROPIC_DIRECT_KEY=a\nANTHROPIC_API_KEY=b\n',
        '/home/anna/.bashrc': '. ~/.more\nexport ANTHROPIC_MODEL=bashrc\n',
        '/home/anna/.more': 'export ANTHROPIC_MODEL=more\n. ~/.still-more\n',
        '/home/anna/.still-more': 'export ANTHROPIC_MODEL=too-deep\n',
        '/etc/environment': 'ANTHROPIC_MODEL=environment\n',
        '/etc/profile.d/claude.sh': 'export ANTHROPIC_MODEL=profile\n',
        '/home/anna/.pam_environment': 'ANTHROPIC_MODEL DEFAULT=pam\n',
        '/home/anna/.config/environment.d/50-claude.conf': 'ANTHROPIC_MODEL=conf\n',
        '/etc/environment.d/claude.conf': 'ANTHROPIC_MODEL=etc-conf\n',
      },
      'HOME=/home/anna\nANTHROPIC_MODEL=manager\n',
    );
    expect(await found(host, '/srv/shop', { ANTHROPIC_MODEL: 'shell', HOME: '/home/anna' })).toEqual([
      'managed-settings /etc/claude-code/managed-settings.json:2 ANTHROPIC_MODEL=managed',
      'managed-settings /etc/claude-code/managed-settings.d/10-a.json:2 ANTHROPIC_MODEL=drop-in',
      'local-settings /srv/shop/.claude/settings.local.json:2 ANTHROPIC_MODEL=local',
      'project-settings /srv/shop/.claude/settings.json:2 ANTHROPIC_MODEL=project',
      'user-settings /home/anna/.claude/settings.json:2 ANTHROPIC_MODEL=user',
      'user-settings /home/anna/.claude-routed/settings.json:2 ANTHROPIC_MODEL=routed',
      'client-state /home/anna/.claude.json:2 ANTHROPIC_MODEL=state',
      'launcher /home/anna/.local/bin/claude-mine:2 ANTHROPIC_MODEL=mine',
      'secrets-file /home/anna/.config/claude-secrets.env:3 ANTHROPIC_API_KEY=b',
      'this-shell : ANTHROPIC_MODEL=shell',
      'shell-file /home/anna/.bashrc:2 ANTHROPIC_MODEL=bashrc',
      'shell-file /home/anna/.more:1 ANTHROPIC_MODEL=more',
      'system-file /etc/environment:1 ANTHROPIC_MODEL=environment',
      'system-file /etc/profile.d/claude.sh:1 ANTHROPIC_MODEL=profile',
      'system-file /home/anna/.pam_environment:1 ANTHROPIC_MODEL=pam',
      'user-manager : ANTHROPIC_MODEL=manager',
      'environment-d /home/anna/.config/environment.d/50-claude.conf:1 ANTHROPIC_MODEL=conf',
      'environment-d /etc/environment.d/claude.conf:1 ANTHROPIC_MODEL=etc-conf',
    ]);
  });

  it("are those of the directory, of its repository's local settings, and of remembered projects elsewhere", async () => {
    const host = machine({
      '/srv/.git/HEAD': '',
      '/srv/.claude/settings.json': env('ANTHROPIC_MODEL', 'above'),
      '/srv/.claude/settings.local.json': env('ANTHROPIC_MODEL', 'local above'),
      '/srv/shop/.claude/settings.json': env('ANTHROPIC_MODEL', 'here'),
      '/srv/other/.claude/settings.json': env('ANTHROPIC_MODEL', 'other'),
      '/home/anna/.claude-routed/.claude.json': '{"projects":{"/srv/other":{},"/gone":{}}}',
    });
    expect(await found(host)).toEqual([
      'local-settings /srv/.claude/settings.local.json:2 ANTHROPIC_MODEL=local above',
      'project-settings /srv/shop/.claude/settings.json:2 ANTHROPIC_MODEL=here',
      'project-settings /srv/.claude/settings.json:2 ANTHROPIC_MODEL=above (elsewhere)',
      'project-settings /srv/other/.claude/settings.json:2 ANTHROPIC_MODEL=other (elsewhere)',
    ]);
  });

  it("include the person's settings a second time where the home directory is the project", async () => {
    const host = machine({ '/home/anna/.claude/settings.json': env('ANTHROPIC_MODEL', 'user') });
    expect(await found(host, '/home/anna')).toEqual([
      'project-settings /home/anna/.claude/settings.json:2 ANTHROPIC_MODEL=user',
      'user-settings /home/anna/.claude/settings.json:2 ANTHROPIC_MODEL=user',
    ]);
  });

  it('include the directory that CLAUDE_CONFIG_DIR of this shell names', async () => {
    const host = machine({ '/opt/conf/settings.json': env('ANTHROPIC_MODEL', 'opt') });
    expect(await found(host, '/work', { CLAUDE_CONFIG_DIR: '/opt/conf' })).toEqual([
      'user-settings /opt/conf/settings.json:2 ANTHROPIC_MODEL=opt',
      'this-shell : CLAUDE_CONFIG_DIR=/opt/conf',
    ]);
  });

  it('of our own launchers are what they export', async () => {
    const host = machine({ [layout.launchers['claude-local']]: launcherScript('claude-local', layout, models) });
    const all = await found(host);
    expect(all.map((line) => line.replace(/^launcher \S+ /, ''))).toEqual(
      expect.arrayContaining([
        'CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST=1',
        'CLAUDE_CONFIG_DIR=/home/anna/.claude-routed',
        'ANTHROPIC_BASE_URL=http://127.0.0.1:4000',
        'ANTHROPIC_AUTH_TOKEN=$key',
        'CLAUDE_CODE_MAX_CONTEXT_TOKENS=65536',
      ]),
    );
    expect(all.filter((line) => !line.startsWith('launcher '))).toEqual([]);
  });

  it('that cannot be read or understood are told', async () => {
    const host = new LockedHost({
      '/srv/shop/.claude/settings.json': '{\n  "env": {,\n',
      '/home/anna/.claude.json': 'hello',
    })
      .tell(showEnvironment)
      .tell('getent passwd anna', { exitCode: 2 });
    expect(await found(host)).toEqual([
      'unreadable project-settings /srv/shop/.claude/settings.json:2',
      'unreadable client-state /home/anna/.claude.json:1',
      'unreadable shell-file /home/anna/.zshrc:',
      'unreadable environment-d /etc/environment.d:',
    ]);
  });
});
