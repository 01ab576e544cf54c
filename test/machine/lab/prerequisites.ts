import { constants, existsSync, readFileSync } from 'node:fs';
import { access, mkdir, statfs } from 'node:fs/promises';
import { cacheDirectory } from './cache.ts';
import { attempt, must } from './command.ts';

/** Programs the lab runs on the build host, with the Debian package that brings each. */
const TOOLS: Readonly<Record<string, string>> = {
  'apt-ftparchive': 'apt-utils',
  'dpkg-deb': 'dpkg',
  gpg: 'gnupg',
  ip: 'iproute2',
  mmdebstrap: 'mmdebstrap',
  newuidmap: 'uidmap',
  nft: 'nftables',
  openssl: 'openssl',
  setpriv: 'util-linux',
  ssh: 'openssh-client',
  'systemd-nspawn': 'systemd-container',
  tar: 'tar',
  xz: 'xz-utils',
};

/** /proc/mounts name of a file system on which rootless Docker cannot put its layers: see statfs(2). */
const OVERLAYFS = 0x794c7630;

/** Says in words what this host lacks to boot a machine; empty when the lab can run. Changes nothing that matters. */
export async function missingForLab(): Promise<string[]> {
  const missing: string[] = [];
  if (process.getuid?.() !== 0) missing.push('root: namespaces and a booted machine need it');
  if (!isDebian()) missing.push('Debian 12 or 13 (its apt and mmdebstrap build the machine)');
  if (!['x64', 'arm64'].includes(process.arch)) missing.push('an amd64 or arm64 processor');
  if (missing.length > 0) return missing;
  return [
    ...missingDevices(),
    ...missingTools(await installableTools()),
    ...(await missingNamespaces()),
    ...(await unfitCache()),
  ];
}

/** Installs what the lab needs on the build host, from Debian alone. Returns the packages that were added. */
export async function installLabTools(): Promise<string[]> {
  const packages = [...new Set(absentTools().map((tool) => TOOLS[tool] ?? tool))];
  if (!existsSync('/usr/share/keyrings/debian-archive-keyring.gpg')) packages.push('debian-archive-keyring');
  if (packages.length === 0) return [];
  if (!(await haveCandidates(packages))) await must('apt-get', [...APT, 'update'], { env: APT_ENV });
  await must('apt-get', [...APT, '-y', '--no-install-recommends', 'install', ...packages], { env: APT_ENV });
  return packages;
}

const APT = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
const APT_ENV = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };

function isDebian(): boolean {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function absentTools(): string[] {
  const directories = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return Object.keys(TOOLS).filter((tool) => !directories.some((directory) => existsSync(`${directory}/${tool}`)));
}

/** Tools that are absent are only missing when apt cannot bring them. */
async function installableTools(): Promise<boolean> {
  if (absentTools().length === 0) return true;
  return (await attempt('apt-get', ['--version'])).exitCode === 0;
}

function missingTools(installable: boolean): string[] {
  return installable ? [] : [`the programs ${absentTools().join(', ')}, and apt-get to install them`];
}

function missingDevices(): string[] {
  return ['/dev/fuse', '/dev/net/tun']
    .filter((device) => !existsSync(device))
    .map((device) => `${device} (rootless Docker needs it in the machine)`);
}

async function missingNamespaces(): Promise<string[]> {
  const entered = await attempt('unshare', ['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', 'true']);
  if (entered.exitCode !== 0)
    return ['network, mount and process namespaces (is this a container without privileges?)'];
  const nested = await attempt('unshare', ['--user', '--map-root-user', 'true']);
  return nested.exitCode === 0 ? [] : ['user namespaces (rootless Docker runs in one)'];
}

async function unfitCache(): Promise<string[]> {
  const directory = cacheDirectory();
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    if ((await statfs(directory)).type !== OVERLAYFS) return [];
    return [
      `a real file system under ${directory}: overlay does not carry Docker's layers (set CLAUDE_ROUTING_LAB_CACHE)`,
    ];
  } catch {
    return [`a writable ${directory} (or set CLAUDE_ROUTING_LAB_CACHE)`];
  }
}

async function haveCandidates(packages: readonly string[]): Promise<boolean> {
  const policy = await attempt('apt-cache', ['policy', ...packages], { env: APT_ENV });
  return packages.every((name) =>
    new RegExp(`^${name}:\\n.*\\n\\s+Candidate: (?!\\(none\\))`, 'm').test(policy.stdout),
  );
}
