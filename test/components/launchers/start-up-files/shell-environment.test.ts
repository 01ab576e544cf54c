import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adoptBashrc } from '../../../../src/components/launchers/start-up-files/bashrc.ts';
import {
  type ShellChoices,
  shellBlock,
  shellEnvironment,
} from '../../../../src/components/launchers/start-up-files/shell-environment.ts';
import { type Layout, launcherNames, layoutFor } from '../../../../src/layout.ts';
import { debianLike, guideFunctions, guideLines } from '../../../render/guide-bashrc.ts';
import { put, type Ran, run, scratchDirectory } from '../../../render/scratch.ts';
import { valueIn } from '../../../value-in.ts';

const everything: ShellChoices = { launchers: launcherNames, shellFunctions: true, mise: true, exportSecrets: true };
const nothing: ShellChoices = { launchers: [], shellFunctions: false, mise: false, exportSecrets: false };

interface Account {
  readonly layout: Layout;
  readonly key: string;
}

function account(choices: Partial<ShellChoices> = {}, bashrc = debianLike, home = scratchDirectory()): Account {
  const layout = layoutFor({ user: 'anna', uid: 1234, home });
  const key = `sk-${randomBytes(16).toString('hex')}`;
  for (const name of launcherNames) put(layout.launchers[name], `#!/bin/sh\necho "${name} got $*"\n`, 0o755);
  put(layout.secretsFile, `LITELLM_MASTER_KEY=${key}\n`, 0o600);
  put(layout.shellEnvironment, shellEnvironment(layout, { ...nothing, ...choices }));
  const adopted = valueIn(adoptBashrc(bashrc, shellBlock(layout), { exportSecrets: false, mise: true }));
  put(layout.bashrc, adopted.text);
  return { layout, key };
}

/** What happens in a person's shell, ~/.bashrc included. Without a terminal, bash complains about job control and nothing else. */
async function terminal({ layout }: Account, commands: string): Promise<Ran> {
  const ran = await run('bash', ['-i', '-c', commands], { env: { HOME: layout.home, PATH: '/usr/bin:/bin' } });
  const lines = ran.stderr.split('\n').filter((line) => !/job control|terminal process group/.test(line));
  return { ...ran, stderr: lines.join('\n') };
}

describe.each([
  ['with everything', everything],
  ['with nothing', nothing],
])('the shell environment %s', (_, choices) => {
  it('is clean bash that prints nothing, and changes nothing when sourced again', async () => {
    const { layout } = account(choices);
    const script = `set -u; . "$1"; env | sort; declare -F; alias; . "$1"; echo ---; env | sort; declare -F; alias`;
    const ran = await run('bash', ['-c', script, 'bash', layout.shellEnvironment], {
      env: { HOME: layout.home, PATH: '/usr/bin:/bin' },
    });
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    const [first, second] = ran.stdout.split('---\n');
    expect(second).toBe(first);
    expect(first).toContain(`PATH=${layout.binDir}:/usr/bin:/bin\n`);
    expect(first).toContain(`DOCKER_HOST=unix:///run/user/1234/docker.sock\n`);
  });

  it('can be sourced twice by a person too', async () => {
    const box = account(choices);
    const { stdout, stderr } = await terminal(box, '. ~/.bashrc; . ~/.bashrc; echo "$PATH"');
    expect({ stdout, stderr }).toEqual({ stdout: `${box.layout.binDir}:/usr/bin:/bin\n`, stderr: '' });
  });
});

describe('the name that the program prints', () => {
  const typed = 'claude-routing-install doctor "a b"';

  it('is its single file, where that lies in the home folder', async () => {
    const box = account(everything);
    put(box.layout.singleFile, '#!/bin/sh\n');
    put(`${box.layout.binDir}/node`, '#!/bin/sh\nprintf "<%s>" "$@"\n', 0o755);
    expect((await terminal(box, typed)).stdout).toBe(`<${box.layout.singleFile}><doctor><a b>`);
    put(`${box.layout.binDir}/claude-routing-install`, '#!/bin/sh\necho a program of its own\n', 0o755);
    expect((await terminal(box, typed)).stdout).toBe('a program of its own\n');
  });

  it('is nothing elsewhere', async () => {
    expect((await terminal(account(everything), typed)).exitCode).toBe(127);
  });
});

describe('the launchers', () => {
  it('are found by a command that comes over SSH, where Debian ends ~/.bashrc early', async () => {
    const { layout } = account(everything);
    // Bash reads ~/.bashrc for a remote command when it was built to, as Debian's is; --rcfile has no part in it.
    const ran = await run('bash', ['-c', 'claude-routed -p "a b"'], {
      env: { HOME: layout.home, PATH: '/usr/bin:/bin', SSH_CLIENT: '127.0.0.1 1 22' },
    });
    const direct = await run('bash', ['-c', '. ~/.bashrc; claude-routed -p "a b"'], {
      env: { HOME: layout.home, PATH: '/usr/bin:/bin' },
    });
    expect(direct).toEqual({ exitCode: 0, stdout: 'claude-routed got -p a b\n', stderr: '' });
    if (readFileSync('/etc/os-release', 'utf8').includes('ID=debian')) expect(ran).toEqual(direct);
  });

  it('show no function, no mise and no key to such a command', async () => {
    const { layout } = account(everything);
    const ran = await run('bash', ['-c', '. ~/.bashrc; declare -F; echo "[$LITELLM_MASTER_KEY]"'], {
      env: { HOME: layout.home, PATH: '/usr/bin:/bin' },
    });
    expect(ran).toEqual({ exitCode: 0, stdout: '[]\n', stderr: '' });
  });

  it.each(launcherNames)('are functions for a person: %s', async (name) => {
    const { stdout, stderr } = await terminal(
      account({ ...everything, exportSecrets: false }),
      `type -t ${name}; ${name} -p "x  y"`,
    );
    expect({ stdout, stderr }).toEqual({ stdout: `function\n${name} got -p x  y\n`, stderr: '' });
  });

  it('win over aliases that were there before, and over programs further ahead in PATH', async () => {
    const box = account(everything);
    const other = scratchDirectory('bin');
    put(`${other}/claude-local`, '#!/bin/sh\necho other\n', 0o755);
    const commands = `alias claude-routed='echo alias'\n. ~/.bashrc\nPATH=${other}:$PATH\nclaude-routed 1\nclaude-local 2`;
    const { stdout, stderr } = await terminal(box, commands);
    expect({ stdout, stderr }).toEqual({ stdout: 'claude-routed got 1\nclaude-local got 2\n', stderr: '' });
  });

  it('win over what the guide had a person add, alias and all', async () => {
    const handMade = `${debianLike}${guideLines}alias claude-routed='echo alias'\n${guideFunctions}`;
    const { stdout, stderr } = await terminal(
      account(everything, handMade),
      'type -t claude-routed; claude-routed 1; claude-local 2',
    );
    expect({ stdout, stderr }).toEqual({ stdout: 'function\nclaude-routed got 1\nclaude-local got 2\n', stderr: '' });
  });

  it('are no functions when none are wanted, and still there', async () => {
    const { stdout } = await terminal(account({ launchers: launcherNames }), 'type -t claude-routed; claude-routed 1');
    expect(stdout).toBe('file\nclaude-routed got 1\n');
  });

  it('work in a home directory with blanks and quotes', async () => {
    const box = account(everything, '', scratchDirectory(`it's "a" home`));
    const { stdout, stderr } = await terminal(box, 'claude-offline 1');
    expect({ stdout, stderr }).toEqual({ stdout: 'claude-offline got 1\n', stderr: '' });
  });
});

describe('the keys', () => {
  it('stay out of a shell unless that was asked for', async () => {
    const quiet = account({ ...everything, exportSecrets: false });
    expect((await terminal(quiet, 'env')).stdout).not.toContain(quiet.key);
    const open = account(everything);
    expect((await terminal(open, 'env; case $- in *a*) echo leaks;; esac')).stdout).toContain(
      `LITELLM_MASTER_KEY=${open.key}\n`,
    );
    expect((await terminal(open, 'case $- in *a*) echo leaks;; esac')).stdout).toBe('');
  });
});

describe('mise', () => {
  const activation = 'echo "_mise_hook() { :; }; activated=\\$((activated+1))"';

  it('is activated once, where it is installed', async () => {
    const box = account(everything);
    put(box.layout.miseBinary, `#!/bin/sh\n[ "$*" = "activate bash" ] && ${activation}\n`, 0o755);
    expect((await terminal(box, '. ~/.bashrc; echo "$activated"')).stdout).toBe('1\n');
  });

  it('is left out silently where it is not', async () => {
    expect(await terminal(account(everything), 'echo "[$activated]"')).toMatchObject({ stdout: '[]\n', stderr: '' });
  });
});

it('takes no time that a person would notice', async () => {
  const { layout } = account({ ...everything, mise: false });
  const script = `TIMEFORMAT=%R; time for i in {1..50}; do . "$1"; done`;
  const { stderr } = await run('bash', ['-c', script, 'bash', layout.shellEnvironment], {
    env: { PATH: '/usr/bin:/bin', HOME: '/nowhere' },
  });
  expect(Number(stderr)).toBeLessThan(1);
});
