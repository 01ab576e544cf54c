import { createReadStream } from 'node:fs';
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join, normalize } from 'node:path';
import { cached } from './cache.ts';
import { must } from './command.ts';
import { type DebianMirror, MACHINE_RELEASE } from './debian-mirror.ts';
import { architecture, unpackFromRelease } from './debian-packages.ts';
import { buildDockerPackages, DOCKER_RECIPE, DOCKER_SOURCES } from './docker-packages.ts';
import type { LabIdentity } from './identity.ts';

/** Where Docker's packages come from in the world; the lab answers under the same name. */
export const DOCKER_HOST_NAME = 'download.docker.com';

/** The directory that is served as https://download.docker.com/, signed with the lab's package key. Built once. */
export async function dockerRepository(mirror: DebianMirror, identity: LabIdentity): Promise<string> {
  const inputs = {
    recipe: DOCKER_RECIPE,
    key: identity.packageKeyFingerprint,
    architecture: architecture(),
    scheme: 2,
  };
  const built = await cached('docker-repository', inputs, async (directory) => {
    const sources = join(directory, 'sources');
    await mkdir(sources);
    await unpackFromRelease(mirror, DOCKER_SOURCES, sources);
    const debian = join(directory, 'site/linux/debian');
    const pool = join(debian, 'dists', MACHINE_RELEASE, 'pool/stable', architecture());
    await mkdir(pool, { recursive: true });
    await buildDockerPackages(sources, pool);
    await must('rm', ['-rf', sources]);
    await indexAndSign(debian, identity);
    await copyFile(identity.packageKeyFile, join(debian, 'gpg'));
  });
  return join(built, 'site');
}

async function indexAndSign(debian: string, identity: LabIdentity): Promise<void> {
  const release = `dists/${MACHINE_RELEASE}`;
  const index = join(debian, release, 'stable', `binary-${architecture()}`);
  await mkdir(index, { recursive: true });
  const packages = await must('apt-ftparchive', ['packages', `${release}/pool`], { cwd: debian });
  await writeFile(join(index, 'Packages'), packages);
  const field = (name: string, value: string) => ['-o', `APT::FTPArchive::Release::${name}=${value}`];
  const fields = [
    ...field('Origin', 'Docker'),
    ...field('Label', 'Docker CE'),
    ...field('Suite', MACHINE_RELEASE),
    ...field('Codename', MACHINE_RELEASE),
    ...field('Architectures', architecture()),
    ...field('Components', 'stable'),
  ];
  const text = await must('apt-ftparchive', [...fields, 'release', release], { cwd: debian });
  const gpg = ['--homedir', identity.gnupgHome, '--batch', '--quiet', '--digest-algo', 'SHA512', '--clearsign'];
  await writeFile(join(debian, release, 'InRelease'), await must('gpg', gpg, { input: text }));
  await must('gpgconf', ['--homedir', identity.gnupgHome, '--kill', 'all']);
}

/** Serves the files of a directory, and nothing outside it. */
export function serveDirectory(directory: string): RequestListener {
  return (request, response) => {
    const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/'));
    const file = join(directory, path);
    stat(file)
      .then((found) => {
        if (!found.isFile() || !file.startsWith(`${directory}/`)) throw new Error('not a file');
        response.writeHead(200, { 'content-length': found.size, 'last-modified': found.mtime.toUTCString() });
        if (request.method === 'HEAD') return void response.end();
        createReadStream(file)
          .on('error', () => response.destroy())
          .pipe(response);
      })
      .catch(() => response.writeHead(404).end('not found\n'));
  };
}
