import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { environmentFor, paperProgram } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { answersPath, freshMachine, install, sharedMachine, toldProblems, unwrapped } from './paper.ts';

/**
 * Runs the program where a script of bash has mounted what it likes, which nobody else sees and which goes with it; and
 * without root's right to pass by owners and modes.
 */
async function runWhere(machine: PaperMachine, mounting: string, words: readonly string[]) {
  const env = { ...environmentFor(machine), home: machine.account.home, state: machine.layout.stateDir };
  const script = `set -e\n${mounting}\nexec "$@"`;
  const bounded = 'setpriv --bounding-set=-dac_override,-dac_read_search,-fowner,-chown'.split(' ');
  const all = ['--mount', 'bash', '-c', script, 'bash', ...bounded, process.execPath, await paperProgram(), ...words];
  return await new Promise<{ exitCode: number; output: string }>((resolve) => {
    const child = execFile('unshare', all, { env, cwd: '/' }, (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, output: `${stdout}${stderr}` }),
    );
  });
}

const small = (folder: string, options = 'size=128k') => `mount -t tmpfs -o ${options} tmpfs ${folder}`;
const filled = (folder: string) => `dd if=/dev/zero of=${folder}/filler bs=4k status=none || true`;
const readOnly = (folder: string) => `mount -o remount,ro ${folder}`;
/** As it is, on a disk of its own. */
const moved = (folder: string) =>
  `cp -a ${folder} /tmp/kept.$$; ${small(folder)}; cp -a /tmp/kept.$$/. ${folder}; rm -r /tmp/kept.$$`;

const rows: readonly (readonly [what: string, mounting: string, exitCode: number, problem: RegExp, fix: RegExp])[] = [
  [
    'the state folder is full',
    `mkdir -p $state; ${small('$state')}; ${filled('$state')}`,
    69,
    /no room for ~\S*\/lock: what is mounted at ~\/\.local\/state\/claude-routing is full/,
    /sudo du -xh ~\/\.local\/state\/claude-routing/,
  ],
  [
    'the state folder can only be read',
    `mkdir -p $state; ${small('$state')}; ${readOnly('$state')}`,
    69,
    /the disk that holds ~\S*\/lock is read-only/,
    /findmnt -T/,
  ],
  [
    'the state folder would be where nothing can be made',
    `${small('$home/.local/state')}; ${readOnly('$home/.local/state')}`,
    69,
    /the disk that holds ~\/\.local\/state\/claude-routing is read-only/,
    /findmnt -T/,
  ],
  [
    'the state folder is somebody else’s',
    `mkdir -p $state; ${small('$state', 'uid=12345,mode=700')}`,
    69,
    /this account may not use ~\S*\/claude-routing/,
    /namei -l/,
  ],
  [
    'a file has the place of the state folder',
    `${small('$home/.local/state')}; touch $state`,
    69,
    /a part of ~\/\.local\/state\/claude-routing is a file/,
    /namei -l/,
  ],
  [
    'a folder has the place of the lock',
    `mkdir -p $state; ${small('$state')}; mkdir $state/lock`,
    69,
    /~\S*\/lock is a directory, not a file/,
    /ls -la/,
  ],
  [
    'a file has the place of the backups',
    `mkdir -p $state; ${small('$state')}; touch $state/backups`,
    1,
    /a part of ~\S*\/backups\/\S* is a file/,
    /namei -l/,
  ],
  [
    'the home folder can only be read',
    'mount --bind $home $home; mount -o remount,bind,ro $home',
    69,
    /nothing can be written in ~\S*: the disk that holds it is read-only/,
    /findmnt -T/,
  ],
  [
    'the folder of settings is full',
    `${moved('$home/.config')}; ${filled('$home/.config')}`,
    1,
    /no room for ~\/\.config\/\S*: what is mounted at ~\/\.config is full/,
    /sudo du -xh/,
  ],
  [
    'the disk is full that ~/.bashrc leads to',
    `${moved('$home')}; ${small('/mnt')}; mv $home/.bashrc /mnt/rc; ${filled('/mnt')}; ln -s /mnt/rc $home/.bashrc`,
    1,
    /no room for \/mnt\/rc: what is mounted at \/mnt is full/,
    /sudo du -xh \/mnt/,
  ],
  [
    '~/.bashrc leads into a folder of somebody else',
    `mkdir $home/dot; ${small('$home/dot', 'uid=12345,mode=755')}; mv $home/.bashrc $home/dot/rc; ln -s dot/rc $home/.bashrc`,
    69,
    /~\/\.bashrc is a link into ~\/dot, where this account may not write/,
    /cp --remove-destination "\$\(readlink -f ~\/\.bashrc\)" ~\/\.bashrc/,
  ],
  [
    '~/.local/bin can only be read',
    `mkdir -p $home/.local/bin; ${small('$home/.local/bin')}; ${readOnly('$home/.local/bin')}`,
    69,
    /nothing can be written in ~\/\.local\/bin: the disk that holds it is read-only/,
    /findmnt -T ~\/\.local\/bin/,
  ],
  [
    '~/.bashrc is mounted by itself',
    `${small('/mnt')}; cp $home/.bashrc /mnt/rc; mount --bind /mnt/rc $home/.bashrc`,
    1,
    /~\/\.bashrc is in use, or mounted by itself/,
    /findmnt ~\/\.bashrc/,
  ],
];

test.each(rows)('%s: a problem that names it, with its fix', async (_what, mounting, exitCode, problem, fix) => {
  const machine = await freshMachine();
  for (const folder of ['.config', '.local/state']) mkdirSync(`${machine.account.home}/${folder}`, { recursive: true });
  const words = ['install', '--yes', '--answers', answersPath(machine), '--only', 'secrets,launchers'];
  const run = await runWhere(machine, mounting, words);
  expect(run.exitCode, run.output).toBe(exitCode);
  const told = toldProblems(run.output);
  expect(told, run.output).not.toHaveLength(0);
  for (const one of told)
    expect([one.problem, one.fix]).toEqual([expect.stringMatching(problem), expect.stringMatching(fix)]);
  expect(unwrapped(run.output)).not.toContain('a fault in this program');
  expect(existsSync(machine.layout.lockFile)).toBe(false);
});

/** What may have become of the state folder of an installation, and what a command that has to write there says of it. */
const troubles: readonly (readonly [what: string, mounting: string, problem: RegExp])[] = [
  ['full', `${moved('$state')}; ${filled('$state')}`, /what is mounted at ~\/\.local\/state\/claude-routing is full/],
  ['read-only', `mount --bind $state $state; mount -o remount,bind,ro $state`, /is read-only/],
  ['another owner’s', small('$state', 'uid=12345,mode=700'), /this account may not (use|read)/],
  ['a file', `${small('$home/.local/state')}; touch $state`, /a part of ~\S* is a file/],
  ['there, its journal a folder', `${small('$state')}; mkdir $state/journal.jsonl`, /journal\.jsonl is a directory/],
];

/** Commands that look, and commands that would change the machine. */
const looking = [
  ['status'],
  ['doctor'],
  ['doctor', 'bundle', '/dev/stdout'],
  ['usage'],
  ['plan'],
  ['update', '--check'],
];
const changing = [
  ['install', '--yes'],
  ['doctor', '--fix', '--yes'],
  ['uninstall', '--yes'],
  ['restore', '--yes'],
];

describe('an installation whose state folder is', () => {
  let machine: PaperMachine;
  beforeAll(async () => {
    machine = await sharedMachine();
    expect(await install(machine)).toMatchObject({ exitCode: 0 });
  });

  const cells = troubles.flatMap((trouble) =>
    [...looking, ...changing].map((words) => [trouble[0], words.join(' '), words, trouble] as const),
  );
  test.each(cells)('%s: %s', async (_trouble, _words, words, [, mounting, problem]) => {
    const run = await runWhere(machine, mounting, words);
    expect(unwrapped(run.output)).not.toContain('a fault in this program');
    expect([0, 1, 2, 69], run.output).toContain(run.exitCode);
    if (words[0] === 'uninstall') expect(run.exitCode, run.output).toBe(69);
    // Of a folder that is gone, usage says what it has to do with it: there is no log.
    if (run.exitCode === 69 && words[0] !== 'usage') expect(unwrapped(run.output)).toMatch(problem);
  });
});
