import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { actionsOf, readActionLog, sha256 } from '../../src/engine/action-log.ts';
import type { Resource } from '../../src/resources/resource.ts';
import { folderTree } from '../machine/paper/folder-tree.ts';
import { runInstaller } from '../machine/paper/installer.ts';
import type { MachineState } from '../machine/paper/machine-state.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { takeSnapshot } from '../machine/paper/snapshot.ts';
import { freshMachine, install, sharedMachine } from './paper.ts';

const everything = [
  ...['system.fail2ban', 'system.firewall', 'launchers.statusLine', 'launchers.sentinel'].map((key) => `${key}=true`),
  ...['localModel.wake.mac=52:54:00:12:34:56', 'launchers.shellFunctions=true'],
].flatMap((setting) => ['--set', setting]);
const little = ['launchers.statusLine', 'launchers.sentinel', 'launchers.shellFunctions'].flatMap((key) => [
  '--set',
  `${key}=false`,
]);

/** A text that each program which reads such a file would take. */
function textFor(path: string): string {
  if (path.endsWith('.json')) return '{"mine": true}\n';
  return path.endsWith('.env') ? 'MINE=1\n' : `# of somebody else, at ${path}\n`;
}

function writtenPaths({ layout }: PaperMachine): readonly string[] {
  const writes = actionsOf(readActionLog(readFileSync(layout.journal, 'utf8'))).filter(
    (action) => action.do === 'write',
  );
  const ownFolders = [layout.stateDir, layout.configDir];
  const paths = writes.flatMap(({ path = '' }) => (ownFolders.some((one) => path.startsWith(`${one}/`)) ? [] : [path]));
  return [...new Set(paths)];
}

describe('where something of somebody else has the name of each file that is ever written', () => {
  let machine: PaperMachine;
  let bare: ReturnType<typeof takeSnapshot>;
  let planted: ReadonlyMap<string, string>;

  beforeAll(async () => {
    machine = await sharedMachine();
    bare = takeSnapshot(machine);
    const done = await install(machine, everything);
    expect(done.exitCode, done.output).toBe(0);
    const paths = writtenPaths(machine);
    expect(paths.length).toBeGreaterThan(40);
    await bare.restore();
    // The key of another repository in the place of ours is refused: test/resources/apt-source.
    const free = paths.filter((path) => !existsSync(machine.onDisk(path)) && !path.endsWith('.asc'));
    planted = new Map(free.map((path) => [path, textFor(path)]));
    for (const [path, text] of planted) {
      mkdirSync(dirname(machine.onDisk(path)), { recursive: true });
      writeFileSync(machine.onDisk(path), text, { mode: 0o640 });
    }
    await bare.discard();
    bare = takeSnapshot(machine);
    return () => bare.discard();
  });

  it.each([
    ['everything', everything],
    ['little', little],
  ])('an installation of %s keeps it, and uninstall gives it back with its mode', async (_, words) => {
    await bare.restore();
    const done = await install(machine, words);
    expect(done.exitCode, done.output).toBe(0);
    const changed = [...planted].filter(([path, text]) => presentText(machine, path) !== text).map(([path]) => path);
    const actions = actionsOf(readActionLog(readFileSync(machine.layout.journal, 'utf8')));
    const kept = new Set(actions.flatMap(({ path = '', backup }) => (backup === undefined ? [] : [path])));
    expect(changed.filter((path) => !kept.has(path))).toEqual([]);
    expect(actions.filter((action) => action.do === 'remove' && planted.has(action.path ?? ''))).toEqual([]);
    const undone = await runInstaller(machine, ['uninstall', '--yes', '--purge']);
    expect(undone.exitCode, undone.output).toBe(0);
    const lost = [...planted].filter(([path, text]) => presentText(machine, path) !== text).map(([path]) => path);
    expect(lost).toEqual([]);
    const modes = [...planted.keys()].map((path) => lstatSync(machine.onDisk(path)).mode & 0o777);
    expect(modes.filter((mode) => mode !== 0o640)).toEqual([]);
  });
});

/** What an administrator has of each kind of thing that an installation brings about: a kind that is new needs a line here. */
const lived: Readonly<Record<Resource['kind'], (machine: PaperMachine) => void>> = {
  file: ({ onDisk, layout }) => {
    put(onDisk('/etc/fail2ban/jail.d/theirs.local'), '[sshd]\nenabled = false\n');
    put(onDisk('/etc/nftables.d/theirs.nft'), 'table inet theirs {}\n');
    put(onDisk('/etc/nftables.conf'), '#!/usr/sbin/nft -f\ninclude "/etc/nftables.d/*.nft"\n');
    put(layout.bashrc, 'export DOCKER_HOST=tcp://build.example:2376\n');
  },
  'apt-packages': ({ state }) => ['jq', 'htop', 'python3-systemd'].forEach((name) => void state.packages.add(name)),
  'apt-source': ({ onDisk }) => {
    put(onDisk('/etc/apt/keyrings/theirs.asc'), 'a key\n');
    put(onDisk('/etc/apt/sources.list.d/theirs.sources'), 'Types: deb\nURIs: https://apt.example/debian\n');
  },
  // Each in another of the four ways that there are: test/resources/systemd-unit has all of them for one.
  'systemd-unit': ({ state }) => {
    state.units.system['docker.service'] = { active: true, enabled: true };
    state.units.system['docker.socket'] = { active: true, enabled: false };
    state.units.system['fail2ban.service'] = { active: false, enabled: false };
    state.units.system['nftables.service'] = { active: false, enabled: true };
  },
  container: ({ layout }) => {
    const meta = `${layout.home}/.docker/contexts/meta/${sha256('rootless')}/meta.json`;
    const docker = { Host: 'ssh://box.example', SkipTLSVerify: false };
    put(meta, JSON.stringify({ Name: 'rootless', Metadata: { Description: 'mine' }, Endpoints: { docker } }));
    put(`${layout.home}/.docker/config.json`, '{ "auths": {}, "currentContext": "rootless" }\n');
  },
  script: ({ state, account, onDisk }) => {
    put(onDisk(`/var/lib/systemd/linger/${account.user}`), '');
    for (const kind of ['subuid', 'subgid']) put(onDisk(`/etc/${kind}`), 'anna:100000:65536\n');
    state.groups.push('docker');
  },
};

/** What each program that an installation starts can change: a program that is new needs a line here, and what it changes a look. */
const changedBy: Readonly<Record<string, readonly (keyof MachineState | 'files')[]>> = {
  'apt-get': ['packages', 'units'],
  bash: ['images'],
  chmod: ['files'],
  claude: ['files'],
  curl: ['files'],
  docker: ['images', 'containers', 'networks', 'files'],
  'dockerd-rootless-setuptool.sh': ['units', 'files'],
  loginctl: ['files'],
  mise: ['tools', 'files'],
  nft: ['files'],
  systemctl: ['units'],
  usermod: ['files'],
};

/** What is not compared, and why. */
const mayDiffer: Partial<Record<keyof MachineState, string>> = {
  known: 'apt reads its lists again whenever somebody asks it to',
  gatewayOutput: 'what a container said that is gone',
  claudeVersion: 'of a client whose files are compared',
  tools: 'of mise, whose files are compared',
};

describe('a machine that somebody has lived on', () => {
  it('is as it was after --purge, whatever an installation had to change', async () => {
    const machine = await freshMachine({
      state: (state) =>
        ['docker-ce', 'docker-ce-rootless-extras', 'nftables', 'fail2ban'].forEach(
          (name) => void state.packages.add(name),
        ),
    });
    for (const path of ['sbin/nft', 'bin/docker', 'bin/dockerd-rootless-setuptool.sh', 'bin/rootlesskit'])
      machine.machine.placeProgram(`/usr/${path}`);
    for (const plant of Object.values(lived)) plant(machine);
    const before = everythingOf(machine);
    const done = await install(machine, everything);
    expect(done.exitCode, done.output).toBe(0);
    const ran = actionsOf(readActionLog(readFileSync(machine.layout.journal, 'utf8')));
    const programs = new Set(ran.flatMap(({ command }) => command?.program ?? []));
    expect([...programs].filter((name) => changedBy[name] === undefined)).toEqual([]);
    const undone = await runInstaller(machine, ['uninstall', '--yes', '--purge']);
    expect(undone.exitCode, undone.output).toBe(0);
    expect(everythingOf(machine)).toEqual(before);
  });
});

/** All that a paper machine remembers but services of the account that are off, and each file of the home and of the system by its mode and content. */
function everythingOf({ folder, state }: PaperMachine): Readonly<Record<string, unknown>> {
  const entries = Object.entries(folderTree(folder)).filter(([path]) => /^(home|etc|var\/lib\/systemd)\//.test(path));
  const files = Object.fromEntries(entries.map(([path, { mode, content }]) => [path, `${mode} ${content}`]));
  const { units, ...others } = structuredClone(state);
  const user = Object.fromEntries(Object.entries(units.user).filter(([, unit]) => unit.active || unit.enabled));
  const remembered = Object.entries({ ...others, units: { ...units, user } }).filter(
    ([key]) => !Object.hasOwn(mayDiffer, key),
  );
  return { ...Object.fromEntries(remembered), files };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function presentText({ onDisk }: PaperMachine, path: string): string | undefined {
  return existsSync(onDisk(path)) ? readFileSync(onDisk(path), 'utf8') : undefined;
}
