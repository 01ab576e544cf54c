import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Call, changes, failed, looks, type Machine, type Program, type Reply, said } from './program.ts';

/** What Debian's own repository has. */
const debianPackages = [
  'ca-certificates',
  'curl',
  'wget',
  'gnupg',
  'git',
  'build-essential',
  'ripgrep',
  'jq',
  'htop',
  'tmux',
  'unattended-upgrades',
  'python3',
  'python3-venv',
  'pipx',
  'uidmap',
  'dbus-user-session',
  'slirp4netns',
  'sudo',
  'openssh-server',
  'libpam-systemd',
  'nftables',
  'fail2ban',
  'python3-systemd',
  'tzdata',
  'docker.io',
  'nodejs',
];
const dockerPackages = [
  'docker-ce',
  'docker-ce-cli',
  'containerd.io',
  'docker-buildx-plugin',
  'docker-compose-plugin',
  'docker-ce-rootless-extras',
];
/** Repositories that can be added, by the beginning of their address. */
const repositories: Readonly<Record<string, readonly string[]>> = {
  'https://download.docker.com/linux/debian': dockerPackages,
  'https://downloads.claude.ai/claude-code/apt/': ['claude-code'],
};
/** Programs that come with a package. */
const programsOf: Readonly<Record<string, readonly string[]>> = {
  gnupg: ['/usr/bin/gpg'],
  'docker-ce-cli': ['/usr/bin/docker'],
  'docker-ce-rootless-extras': ['/usr/bin/dockerd-rootless-setuptool.sh', '/usr/bin/rootlesskit'],
  nftables: ['/usr/sbin/nft'],
  'claude-code': ['/usr/bin/claude'],
};
/** Units that come with a package, started and enabled as Debian does. */
const unitsOf: Readonly<Record<string, readonly string[]>> = {
  'docker-ce': ['docker.service', 'docker.socket'],
  fail2ban: ['fail2ban.service'],
};
/** Units that a package brings without enabling them. */
const idleUnitsOf: Readonly<Record<string, readonly string[]>> = { nftables: ['nftables.service'] };
/** Files that a package writes when it is set up. */
const filesOf: Readonly<Record<string, readonly (readonly [path: string, text: string])[]>> = {
  fail2ban: [['/etc/fail2ban/jail.d/defaults-debian.conf', '[sshd]\nenabled = true\n']],
  'unattended-upgrades': [
    [
      '/etc/apt/apt.conf.d/20auto-upgrades',
      'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
    ],
  ],
};

/** `dpkg-query -W -f=…`: one line per package it knows. */
const dpkgQuery: Program = ({ args }, { state }) => {
  if (args.join(' ') !== '-W -f=${db:Status-Abbrev}\\t${Package}\\n') return undefined;
  return looks(() => said([...state.packages].map((name) => `ii \t${name}\n`).join('')));
};

const aptGet: Program = (call, machine) => {
  const [verb, ...names] = withoutOptions(call.args);
  if (call.args[0] === '-s' && verb === 'full-upgrade')
    return looks(() =>
      said(machine.state.upgrades.map((name) => `Inst ${name} [1] (2 Debian:13/stable [amd64])`).join('\n')),
    );
  if (call.args[0] === '-s' && verb === 'purge')
    return looks(() => said(names.map((name) => `Purg ${name} [1]`).join('\n')));
  const work = aptVerbs[verb ?? ''];
  return work === undefined ? undefined : changes(() => rootOnly(call, () => work(names, machine)));
};

function withoutOptions(args: readonly string[]): string[] {
  const rest: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '-o') at += 1;
    else if (!word.startsWith('-')) rest.push(word);
  }
  return rest;
}

const aptVerbs: Readonly<Record<string, (names: readonly string[], machine: Machine) => Reply>> = {
  update: (_, machine) => {
    for (const name of [...debianPackages, ...addedPackages(machine)]) machine.state.known.add(name);
    writeIfMissing(machine.onDisk('/var/lib/apt/lists/debian_dists_trixie_InRelease'), 'Suite: trixie\n');
    return said('Reading package lists...');
  },
  install: (names, machine) => {
    const unknown = names.find((name) => !machine.state.known.has(name));
    if (unknown !== undefined) return failed(`E: Unable to locate package ${unknown}`, 100);
    for (const name of names) setUp(name, machine);
    return said(names.map((name) => `Setting up ${name} ...`).join('\n'));
  },
  remove: (names, { state }) => {
    for (const name of names) state.packages.delete(name);
    return said(names.map((name) => `Removing ${name} ...`).join('\n'));
  },
  purge: (names, machine) => {
    for (const name of names) takeAway(name, machine);
    return said(names.map((name) => `Purging configuration files for ${name} ...`).join('\n'));
  },
  'full-upgrade': (_, { state }) => {
    state.upgrades = [];
    return said('Calculating upgrade...');
  },
};

function addedPackages({ onDisk }: Machine): readonly string[] {
  const files = ['docker', 'claude-code']
    .map((name) => onDisk(`/etc/apt/sources.list.d/${name}.sources`))
    .filter(existsSync);
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  return Object.entries(repositories).flatMap(([uri, names]) =>
    texts.some((text) => text.includes(`URIs: ${uri}`)) ? names : [],
  );
}

function setUp(name: string, machine: Machine): void {
  const { state, placeProgram } = machine;
  state.packages.add(name);
  for (const path of programsOf[name] ?? []) placeProgram(path);
  for (const unit of unitsOf[name] ?? []) state.units.system[unit] ??= { active: true, enabled: true };
  for (const unit of idleUnitsOf[name] ?? []) state.units.system[unit] ??= { active: false, enabled: false };
  for (const [path, text] of filesOf[name] ?? []) writeIfMissing(machine.onDisk(path), text);
  if (name === 'claude-code') state.claudeVersion = '2.1.332';
}

function takeAway(name: string, { state, onDisk }: Machine): void {
  state.packages.delete(name);
  for (const path of programsOf[name] ?? []) rmSync(onDisk(path), { force: true });
  for (const unit of [...(unitsOf[name] ?? []), ...(idleUnitsOf[name] ?? [])]) delete state.units.system[unit];
  for (const [path] of filesOf[name] ?? []) rmSync(onDisk(path), { force: true });
  const own = onDisk(`/etc/${name}`);
  const left = existsSync(own) ? readdirSync(own, { recursive: true, withFileTypes: true }) : [];
  if (left.every((entry) => entry.isDirectory())) rmSync(own, { recursive: true, force: true });
}

/** Nothing on a paper machine came as a dependency. */
const aptMark: Program = ({ args }, { state }) =>
  args.join(' ') === 'showmanual' ? looks(() => said([...state.packages].join('\n'))) : undefined;

function writeIfMissing(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) writeFileSync(path, text);
}

/** Programs that refuse an ordinary account, in apt's words. */
export function rootOnly({ asRoot, program }: Call, work: () => Reply): Reply {
  return asRoot ? work() : failed(`${program}: Permission denied; are you root?`, 100);
}

export const aptPrograms = {
  'dpkg-query': dpkgQuery,
  'apt-get': aptGet,
  'apt-mark': aptMark,
} as const satisfies Record<string, Program>;
