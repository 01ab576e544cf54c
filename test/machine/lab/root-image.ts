import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveArchiveLocally } from './archive.ts';
import { cached } from './cache.ts';
import { must } from './command.ts';
import { type DebianMirror, MACHINE_RELEASE } from './debian-mirror.ts';
import type { LabIdentity } from './identity.ts';

/** What a plain Debian 13 server has, and Debian's own nodejs (without npm). Nothing that the installer brings. */
const PLAIN_SERVER = [
  ...['systemd', 'systemd-sysv', 'dbus', 'dbus-user-session', 'libpam-systemd', 'polkitd', 'openssh-server', 'sudo'],
  ...['ca-certificates', 'curl', 'iproute2', 'iputils-ping', 'adduser', 'procps', 'tzdata', 'kmod', 'less', 'nano'],
  'nodejs',
];

/** Documents and translations nobody reads in a test; leaving them out halves the time that packages take to unpack. */
const WITHOUT_DOCUMENTS = ['doc', 'man', 'locale', 'info'].map(
  (directory) => `--dpkgopt=path-exclude=/usr/share/${directory}/*`,
);

/** The archive's name inside a machine. */
export const ARCHIVE_HOST = 'deb.lab';

/** The directory of a bare Debian 13 root that no machine runs in: copy it. Built once. */
export function baseRoot(mirror: DebianMirror, identity: LabIdentity): Promise<string> {
  const inputs = {
    packages: PLAIN_SERVER,
    release: MACHINE_RELEASE,
    authority: identity.caFingerprint,
    sources: debianSources(mirror),
    settings: mirror.settings,
    scheme: 1,
  };
  return cached('root', inputs, async (directory) => {
    const root = join(directory, 'root');
    await bootstrap(mirror, root, 'minbase', PLAIN_SERVER);
    await configureApt(root, mirror);
    await trustAuthority(root, identity);
    await configureServices(root);
  });
}

/** Unpacks a Debian root with these packages into `root`, out of the lab's archive. */
export async function bootstrap(
  mirror: DebianMirror,
  root: string,
  variant: 'minbase' | 'essential',
  packages: readonly string[],
): Promise<void> {
  const archive = await serveArchiveLocally(mirror);
  try {
    const include = `--include=${packages.join(',')}`;
    const options = [`--variant=${variant}`, ...WITHOUT_DOCUMENTS, '--dpkgopt=force-unsafe-io', include];
    await must('mmdebstrap', [
      '--quiet',
      ...options,
      ...mirror.settings.map(aptOption),
      MACHINE_RELEASE,
      root,
      `${archive.url}/debian`,
    ]);
  } finally {
    await archive.close();
  }
}

/** Makes a root trust the lab's certificates the way an administrator would. */
export async function trustAuthority(root: string, identity: LabIdentity): Promise<void> {
  const directory = join(root, 'usr/local/share/ca-certificates');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'lab.crt'), await readFile(identity.caFile));
  await must('chroot', [root, 'update-ca-certificates']);
}

function aptOption(setting: string): string {
  return `--aptopt=${setting.replace(/;$/, '')}`;
}

async function configureApt(root: string, mirror: DebianMirror): Promise<void> {
  await writeFile(join(root, 'etc/apt/sources.list'), '');
  await writeFile(join(root, 'etc/apt/sources.list.d/debian.sources'), debianSources(mirror));
  if (mirror.settings.length > 0) {
    await writeFile(join(root, 'etc/apt/apt.conf.d/90lab'), `${mirror.settings.join('\n')}\n`);
  }
}

function debianSources(mirror: DebianMirror): string {
  const stanza = (path: string, suites: string) =>
    [
      'Types: deb',
      `URIs: http://${ARCHIVE_HOST}/${path}`,
      `Suites: ${suites}`,
      'Components: main',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
    ].join('\n');
  const main = stanza('debian', `${MACHINE_RELEASE} ${MACHINE_RELEASE}-updates`);
  return mirror.security === undefined ? main : `${main}\n${stanza('debian-security', `${MACHINE_RELEASE}-security`)}`;
}

async function configureServices(root: string): Promise<void> {
  // Lets a test hand a variable to a command without putting it into anybody's argument list.
  await writeFile(join(root, 'etc/ssh/sshd_config.d/lab.conf'), 'AcceptEnv *\n');
  // A timer that never ran fires at the first boot; apt's would then hold the lock that a test wants.
  const stamps = join(root, 'var/lib/systemd/timers');
  await mkdir(stamps, { recursive: true });
  for (const timer of ['apt-daily', 'apt-daily-upgrade', 'dpkg-db-backup', 'fstrim']) {
    await writeFile(join(stamps, `stamp-${timer}.timer`), '');
  }
}
