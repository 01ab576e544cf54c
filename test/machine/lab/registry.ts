import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request as httpRequest, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { must, until } from './command.ts';
import type { DebianMirror } from './debian-mirror.ts';
import { architecture, unpackFromHost, unpackFromRelease } from './debian-packages.ts';
import type { LabIdentity } from './identity.ts';
import { type Image, storeImage } from './image-store.ts';
import { BROKEN_LITELLM_TAG, brokenLitellmImage, LITELLM_RECIPE, LITELLM_TAG, litellmImage } from './litellm-image.ts';
import { VARIANTS_RECIPE, variantImages } from './litellm-variants.ts';
import { addProcess, type Slot } from './slot.ts';

/** Host names that the lab's registry answers for. */
export const REGISTRY_HOST_NAMES = ['ghcr.io', 'docker.litellm.ai', 'registry-1.docker.io'] as const;

/** Images by `repository:tag` (`berriai/litellm:v1.108.14`), with the digest that a pull by digest names. */
export type ImageDigests = Readonly<Record<string, string>>;

/** What a registry needs to run: its program and its storage, and what is in there. */
export interface RegistryFiles {
  readonly program: string;
  readonly storage: string;
  readonly digests: ImageDigests;
}

/** Builds the lab's images and the storage of the registry that gives them out. Built once. */
export async function registryFiles(mirror: DebianMirror, identity: LabIdentity): Promise<RegistryFiles> {
  const program = await cached('docker-registry', { architecture: architecture() }, (directory) =>
    unpackFromHost('docker-registry', directory),
  );
  const inputs = {
    litellm: LITELLM_RECIPE,
    tags: [LITELLM_TAG, BROKEN_LITELLM_TAG],
    authority: identity.caFingerprint,
    architecture: architecture(),
    scheme: 1,
  };
  const built = await cached('images', inputs, (directory) => buildImages(mirror, identity, directory));
  const all = await cached('more-images', { over: inputs, variants: VARIANTS_RECIPE }, (directory) =>
    addVariants(built, directory),
  );
  return {
    program: join(program, 'docker-registry/usr/bin/docker-registry'),
    storage: join(all, 'storage'),
    digests: JSON.parse(await readFile(join(all, 'digests.json'), 'utf8')) as ImageDigests,
  };
}

/** The same storage, its files shared with the first one, and what is made from it. */
async function addVariants(built: string, directory: string): Promise<void> {
  const storage = join(directory, 'storage');
  const parts = join(directory, 'parts');
  await must('cp', ['--archive', '--link', join(built, 'storage'), storage]);
  const digests = JSON.parse(await readFile(join(built, 'digests.json'), 'utf8')) as Record<string, string>;
  for (const image of await variantImages(storage, parts)) {
    const digest = await storeImage(storage, image);
    for (const tag of image.tags) digests[`${image.repository}:${tag}`] = digest;
  }
  await writeFile(join(directory, 'digests.json'), JSON.stringify(digests));
  await must('rm', ['-rf', parts]);
}

async function buildImages(mirror: DebianMirror, identity: LabIdentity, directory: string): Promise<void> {
  const parts = join(directory, 'parts');
  await mkdir(parts);
  await unpackFromRelease(mirror, ['busybox-static'], parts);
  const busybox = join(parts, 'busybox-static/usr');
  const images = [helloImage(busybox), brokenLitellmImage(busybox), await litellmImage(mirror, identity, parts)];
  const digests: Record<string, string> = {};
  for (const image of images) {
    const digest = await storeImage(join(directory, 'storage'), image);
    for (const tag of image.tags) digests[`${image.repository}:${tag}`] = digest;
  }
  await writeFile(join(directory, 'digests.json'), JSON.stringify(digests));
  await must('rm', ['-rf', parts]);
}

function helloImage(busybox: string): Image {
  return {
    repository: 'library/hello-world',
    tags: ['latest'],
    layers: [['--directory', busybox, 'bin/busybox']],
    config: { Cmd: ['/bin/busybox', 'echo', '\nHello from Docker!\nThis image was made by the machine lab.\n'] },
  };
}

/** Starts Debian's docker-registry on `address`, read-only, as a process of the slot; the listener passes requests on to it. */
export async function startRegistry(files: RegistryFiles, slot: Slot, address: string): Promise<RequestListener> {
  const port = 5000;
  const config = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: files.storage }, maintenance: { readonly: { enabled: true } } },
    http: { addr: `${address}:${port}` },
  };
  const configFile = join(slot.directory, 'registry.json');
  await writeFile(configFile, JSON.stringify(config)); // JSON is YAML
  const log = openSync(join(slot.directory, 'registry.log'), 'a');
  const args = ['--pdeathsig', 'KILL', files.program, 'serve', configFile];
  const registry = spawn('setpriv', args, { stdio: ['ignore', log, log], detached: true });
  if (registry.pid !== undefined) addProcess(slot, registry.pid);
  await until('the image registry', () => answers(`http://${address}:${port}/v2/`), 20_000);
  return forwardTo(address, port);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

function forwardTo(host: string, port: number): RequestListener {
  return (request, response) => {
    const onward = httpRequest(
      { host, port, path: request.url, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  };
}
