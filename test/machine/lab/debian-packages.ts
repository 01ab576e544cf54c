import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveArchiveLocally } from './archive.ts';
import { must } from './command.ts';
import { type DebianMirror, MACHINE_RELEASE } from './debian-mirror.ts';

/** The name Debian has for this host's processor. */
export function architecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** Unpacks packages of the machine's release side by side: `into/PACKAGE/` with the control files in `DEBIAN/`. */
export async function unpackFromRelease(
  mirror: DebianMirror,
  packages: readonly string[],
  into: string,
): Promise<void> {
  const archive = await serveArchiveLocally(mirror);
  try {
    await mkdir(join(into, '.apt/lists/partial'), { recursive: true });
    await mkdir(join(into, '.apt/cache/archives/partial'), { recursive: true });
    const keyring = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
    const line = (path: string, suite: string) => `deb ${keyring} ${archive.url}/${path} ${suite} main\n`;
    const security = mirror.security === undefined ? '' : line('debian-security', `${MACHINE_RELEASE}-security`);
    await writeFile(join(into, '.apt/sources.list'), line('debian', MACHINE_RELEASE) + security);
    await apt(mirror, into, ['update']);
    await apt(mirror, into, ['download', ...packages]);
  } finally {
    await archive.close();
  }
  await unpackAll(into);
}

/** Unpacks one package of this host's own release into a directory, without installing it. */
export async function unpackFromHost(name: string, into: string): Promise<void> {
  await must('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', name], { cwd: into });
  await unpackAll(into);
}

async function apt(mirror: DebianMirror, directory: string, args: readonly string[]): Promise<void> {
  const settings = {
    'Dir::State::Lists': join(directory, '.apt/lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(directory, '.apt/cache'),
    'Dir::Etc::sourcelist': join(directory, '.apt/sources.list'),
    'Dir::Etc::sourceparts': '-',
    'APT::Architecture': architecture(),
    'APT::Sandbox::User': 'root',
    // The host's proxy is for the host's mirror; the lab's archive is on loopback.
    'Acquire::http::Proxy::127.0.0.1': 'DIRECT',
  };
  const age = mirror.settings.map((setting) => setting.replace(/^(\S+) "(.*)";$/, '$1=$2'));
  const options = [...Object.entries(settings).map(([key, value]) => `${key}=${value}`), ...age];
  await must('apt-get', ['-q', ...options.flatMap((option) => ['-o', option]), ...args], {
    cwd: directory,
    env: { LC_ALL: 'C' },
  });
}

async function unpackAll(directory: string): Promise<void> {
  for (const file of await readdir(directory)) {
    if (!file.endsWith('.deb')) continue;
    const target = join(directory, file.split('_')[0] ?? file);
    if (!existsSync(target)) await must('dpkg-deb', ['--raw-extract', join(directory, file), target]);
  }
}
