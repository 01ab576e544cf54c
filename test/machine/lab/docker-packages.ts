import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must } from './command.ts';
import { architecture } from './debian-packages.ts';

/** One package of Docker's own repository, put together out of the files of Debian's packages. */
interface DockerPackage {
  readonly name: string;
  /** Debian's package whose version it carries. */
  readonly versionOf: string;
  /** Control fields, as docker-ce-packaging's deb/common/control has them where they matter to apt. */
  readonly control: Readonly<Record<string, string>>;
  /** [Debian package, path there, path here]; the last is left out where it is the same. */
  readonly files: readonly (readonly [string, string, string?])[];
  /** System units that the package enables and starts. */
  readonly units?: readonly string[];
}

const CLI_PLUGINS = 'usr/libexec/docker/cli-plugins';
const UNITS = 'usr/lib/systemd/system';
const CONTRIB = 'usr/share/docker.io/contrib';
const LIBC = 'libc6 (>= 2.34)';

const PACKAGES: readonly DockerPackage[] = [
  {
    name: 'containerd.io',
    versionOf: 'containerd',
    control: {
      Depends: `${LIBC}, libseccomp2 (>= 2.5.0)`,
      Provides: 'containerd, runc',
      Conflicts: 'containerd, runc',
      Replaces: 'containerd, runc',
    },
    files: [
      ['containerd', 'usr/bin/containerd'],
      ['containerd', 'usr/bin/containerd-shim-runc-v2'],
      ['containerd', 'usr/bin/ctr'],
      ['containerd', 'etc/containerd/config.toml'],
      ['containerd', `${UNITS}/containerd.service`],
      ['runc', 'usr/sbin/runc', 'usr/bin/runc'],
    ],
    units: ['containerd.service'],
  },
  {
    name: 'docker-ce-cli',
    versionOf: 'docker-cli',
    control: {
      Depends: LIBC,
      Recommends: 'docker-buildx-plugin, docker-compose-plugin',
      Conflicts: 'docker, docker-engine, docker.io, docker-cli',
      Replaces: 'docker, docker-engine',
    },
    files: [
      ['docker-cli', 'usr/bin/docker'],
      ['docker-cli', 'usr/share/bash-completion/completions/docker'],
    ],
  },
  {
    name: 'docker-ce',
    versionOf: 'docker.io',
    control: {
      Depends: `containerd.io, docker-ce-cli, iptables, nftables, ${LIBC}, libsystemd0`,
      Recommends: 'apparmor, ca-certificates, docker-ce-rootless-extras, git, libltdl7, pigz, procps, xz-utils',
      Conflicts: 'docker (<< 1.5~), docker-engine, docker.io, lxc-docker, lxc-docker-virtual-package',
      Replaces: 'docker-engine',
    },
    files: [
      ['docker.io', 'usr/sbin/dockerd', 'usr/bin/dockerd'],
      ['docker.io', 'usr/sbin/docker-proxy', 'usr/bin/docker-proxy'],
      ['tini', 'usr/bin/tini-static', 'usr/bin/docker-init'],
      ['docker.io', `${UNITS}/docker.service`],
      ['docker.io', `${UNITS}/docker.socket`],
      ['docker.io', 'etc/default/docker'],
    ],
    units: ['docker.service', 'docker.socket'],
  },
  {
    name: 'docker-ce-rootless-extras',
    versionOf: 'docker.io',
    control: {
      Depends: `dbus-user-session, ${LIBC}`,
      Enhances: 'docker-ce',
      Recommends: 'slirp4netns (>= 0.4.0)',
      Conflicts: 'rootlesskit',
      Breaks: 'rootlesskit',
      Replaces: 'rootlesskit',
    },
    files: [
      ['docker.io', `${CONTRIB}/dockerd-rootless.sh`, 'usr/bin/dockerd-rootless.sh'],
      ['docker.io', `${CONTRIB}/dockerd-rootless-setuptool.sh`, 'usr/bin/dockerd-rootless-setuptool.sh'],
      ['rootlesskit', 'usr/bin/rootlesskit'],
      ['rootlesskit', 'usr/bin/rootlesskit-docker-proxy'],
    ],
  },
  {
    name: 'docker-buildx-plugin',
    versionOf: 'docker-buildx',
    control: { Depends: LIBC, Enhances: 'docker-ce-cli' },
    files: [['docker-buildx', `${CLI_PLUGINS}/docker-buildx`]],
  },
  {
    name: 'docker-compose-plugin',
    versionOf: 'docker-compose',
    control: { Depends: LIBC, Enhances: 'docker-ce-cli' },
    files: [['docker-compose', `${CLI_PLUGINS}/docker-compose`]],
  },
];

/** Debian's packages that the lab's Docker is made of. */
export const DOCKER_SOURCES: readonly string[] = [
  ...new Set(PACKAGES.flatMap((one) => one.files.map(([source]) => source))),
];

/** What the packages are made of, for whoever keeps the result. */
export const DOCKER_RECIPE: unknown = PACKAGES;

/**
 * Builds the packages of Docker's repository from unpacked Debian packages (`sources/PACKAGE/…`): real binaries under
 * Docker's package names, so that a machine with them looks like one that was set up from Docker's own repository.
 */
export async function buildDockerPackages(sources: string, output: string): Promise<void> {
  for (const item of PACKAGES) await buildPackage(item, sources, output);
}

async function buildPackage(item: DockerPackage, sources: string, output: string): Promise<void> {
  const root = join(output, `${item.name}.root`);
  for (const [source, path, target = path] of item.files) {
    await mkdir(dirname(join(root, target)), { recursive: true });
    await cp(join(sources, source, path), join(root, target), { dereference: true, preserveTimestamps: true });
  }
  await adaptServiceUnit(join(root, UNITS, 'docker.service'));
  await mkdir(join(root, 'DEBIAN'));
  const version = await dockerVersion(join(sources, item.versionOf, 'DEBIAN/control'), item.name);
  await writeFile(join(root, 'DEBIAN/control'), controlFile(item, version));
  await writeConffiles(item, root);
  if (item.units !== undefined) await writeScripts(root, item.name, item.units);
  await must('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', root, output]);
  await rm(root, { recursive: true });
}

/** Docker's own package has the daemon in /usr/bin. */
async function adaptServiceUnit(file: string): Promise<void> {
  const unit = await readFile(file, 'utf8').catch(() => undefined);
  if (unit !== undefined) await writeFile(file, unit.replace('/usr/sbin/dockerd', '/usr/bin/dockerd'));
}

/** `26.1.5+dfsg1-9` becomes `5:26.1.5-1~debian.13~trixie`, the way Docker numbers its packages. */
async function dockerVersion(control: string, name: string): Promise<string> {
  const upstream = /^Version: (?:\d+:)?([\d.]+)/m.exec(await readFile(control, 'utf8'))?.[1];
  if (upstream === undefined) throw new Error(`no version in ${control}`);
  const epoch = name.startsWith('docker-ce') ? '5:' : '';
  return `${epoch}${upstream}-1~debian.13~trixie`;
}

function controlFile(item: DockerPackage, version: string): string {
  const fields = {
    Package: item.name,
    Version: version,
    Architecture: architecture(),
    Maintainer: 'Claude routing lab <lab@localhost>',
    Section: 'admin',
    Priority: 'optional',
    ...item.control,
    Description: `Debian's build of the engine, packaged the way ${item.name} is`,
  };
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

async function writeConffiles(item: DockerPackage, root: string): Promise<void> {
  const files = item.files.map(([, path, target = path]) => target).filter((path) => path.startsWith('etc/'));
  if (files.length > 0) await writeFile(join(root, 'DEBIAN/conffiles'), files.map((path) => `/${path}\n`).join(''));
}

async function writeScripts(root: string, name: string, units: readonly string[]): Promise<void> {
  const group = name === 'docker-ce' ? 'getent group docker >/dev/null || groupadd --system docker\n' : '';
  const list = units.join(' ');
  const scripts = {
    postinst: `[ "$1" = configure ] || exit 0
${group}for unit in ${list}; do
  deb-systemd-helper unmask "$unit" >/dev/null || true
  if deb-systemd-helper --quiet was-enabled "$unit"; then deb-systemd-helper enable "$unit" >/dev/null || true; fi
done
if [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
  deb-systemd-invoke start ${list} >/dev/null || true
fi`,
    prerm: `if [ -d /run/systemd/system ] && [ "$1" = remove ]; then deb-systemd-invoke stop ${list} >/dev/null || true; fi`,
    postrm: `if [ "$1" = purge ]; then deb-systemd-helper purge ${list} >/dev/null || true; fi`,
  };
  for (const [script, body] of Object.entries(scripts)) {
    const file = join(root, 'DEBIAN', script);
    await writeFile(file, `#!/bin/sh\nset -e\n${body}\n`);
    await chmod(file, 0o755);
  }
}
