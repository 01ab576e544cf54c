import { describe, expect, it } from 'vitest';
import {
  lineFor,
  lookAtShell,
  type ShellReach,
  unreached,
} from '../../../../src/components/launchers/start-up-files/reach.ts';
import { findShells } from '../../../../src/components/launchers/start-up-files/shells.ts';
import { layoutFor } from '../../../../src/layout.ts';
import { FakeHost } from '../../../machine/doubles/fake-host.ts';

const home = '/home/anna';
const layout = layoutFor({ user: 'anna', uid: 1000, home });
const launcher = layout.launchers['claude-local'];
const session =
  "PATH=/usr/local/bin:/usr/bin:/bin:/usr/games SSH_CLIENT='127.0.0.1 1 22' TERM=dumb HISTFILE=/dev/null fish_history='' SHELL=/bin/bash";
const asked = `print -r -- "\${ZDOTDIR:-$HOME}"`;

function machine(shell: string, files: Readonly<Record<string, string>> = {}): FakeHost {
  return new FakeHost(files).tell('getent passwd anna', { stdout: `anna:x:1000:1000::${home}:${shell}\n` });
}

describe('the shells of an account', () => {
  it('are bash alone where nothing speaks of another', async () => {
    expect(await findShells(machine('/bin/bash', { [`${home}/.bashrc`]: 'a=1\n' }), layout)).toEqual({
      login: '/bin/bash',
    });
  });

  it('have zsh by its files, which may be elsewhere than the first', async () => {
    const host = machine('/bin/bash', { [`${home}/.zshrc`]: '' })
      .tell(`zsh -f -c '${asked}'`, { stdout: `${home}\n` })
      .tell(`zsh -c '${asked}'`, { stdout: `hello\n${home}/.config/zsh/\n` });
    expect((await findShells(host, layout)).zsh).toEqual({
      starts: [`${home}/.zshenv`, `${home}/.config/zsh/.zshenv`],
      later: ['.zprofile', '.zshrc', '.zlogin'].map((name) => `${home}/.config/zsh/${name}`),
    });
  });

  it('have the one that bash hands over to, where PAM says', async () => {
    const host = machine('/bin/bash', {
      [`${home}/.bashrc`]: 'exec fish\n',
      '/etc/environment': `XDG_CONFIG_HOME=${home}/cfg\n`,
    });
    expect(await findShells(host, layout)).toEqual({
      login: '/bin/bash',
      handover: { shell: 'fish', line: 1, path: `${home}/.bashrc` },
      fish: `${home}/cfg/fish/config.fish`,
    });
  });

  it('that hang tell nothing, and are not called wrong', async () => {
    const host = machine('/bin/bash')
      .tell(`${session} /usr/bin/setsid -w /bin/bash -c '/usr/bin/which claude-local'`, { exitCode: 1 })
      .tell(`${session} /usr/bin/setsid -w /bin/bash -l -i`, { exitCode: 124 });
    expect((await lookAtShell(host, layout)).found).toEqual({ 'ssh command': undefined });
  });
});

describe('why the launchers are not found', () => {
  const reach = (
    login: string,
    found: ShellReach['found'],
    files: Readonly<Record<string, string>> = {},
  ): ShellReach => ({
    shells: { login },
    found,
    files: Object.entries(files).map(([name, text]) => ({ path: `${home}/${name}`, text })),
  });
  const both = { 'ssh command': launcher, login: launcher };
  const noLogin = { 'ssh command': launcher, login: undefined };

  it.each([
    ['all is well', reach('/bin/bash', both), undefined],
    [
      'a login reads no ~/.bashrc',
      reach('/bin/bash', noLogin, { '.bashrc': '', '.bash_profile': 'a=1' }),
      /\.bash_profile does not read ~\/\.bashrc/,
    ],
    ['there is no file for a login', reach('/bin/bash', noLogin, { '.bashrc': '' }), /no ~\/\.profile/],
    [
      'a later line takes PATH away',
      reach('/usr/bin/zsh', noLogin, { '.zshenv': '', '.zshrc': 'x=1\nexport PATH=/bin' }),
      /line 2 of .*\.zshrc/,
    ],
    [
      'one that keeps PATH is no cause',
      reach('/usr/bin/zsh', noLogin, { '.zshrc': 'export PATH=/bin:$PATH' }),
      /^your login shell is zsh[^:]*$/,
    ],
    [
      'fish with a PATH of its own',
      reach('/usr/bin/fish', noLogin, { 'config.fish': 'set -gx PATH /bin' }),
      /line 1 of/,
    ],
    ['another shell', reach('/usr/bin/elvish', { 'ssh command': undefined }), /files of elvish are left to you/],
  ])('%s', (_, found, words) => {
    const cause = unreached(found, layout);
    if (words === undefined) expect(cause).toBeUndefined();
    else expect(cause?.problem).toMatch(words);
  });

  it.each(['tcsh', 'csh', 'dash', 'sh', 'ksh', 'mksh', 'nu', 'elvish', 'xonsh', 'something'])(
    '%s is told what to add',
    (shell) => {
      expect(lineFor(shell, layout)).toContain('/home/anna/.local/bin');
    },
  );
});
