import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must } from './command.ts';
import { architecture } from './debian-packages.ts';

/** How a container of the image is started; the words are those of the OCI image specification (config.md). */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
}

/** A layer: the arguments of the `tar --create` that makes it. */
export type Layer = readonly string[];

/** An image as it is put into the store. */
export interface Image {
  /** Path in the registry without the host: `library/hello-world`. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** A tag of the same repository whose layers come first, and whose configuration holds for what `config` does not say. */
  readonly over?: string;
  readonly layers: readonly Layer[];
  readonly config: ImageConfig;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const OCI = 'application/vnd.oci.image';

/**
 * Puts an image into a registry's storage directory, in the layout of the `filesystem` driver of distribution 2.x, and
 * returns the digest that the tags point to (of an index, as for an image made for several processors). No container
 * engine is needed. Layers are left uncompressed: they travel over a wire that is only memory.
 */
export async function storeImage(storage: string, image: Image): Promise<string> {
  const store = new BlobStore(storage, image.repository);
  const base = image.over === undefined ? undefined : await store.read(image.over);
  const layers: Descriptor[] = [...(base?.layers ?? [])];
  for (const layer of image.layers) layers.push(await store.addLayer(layer));
  const config = await store.addJson(`${OCI}.config.v1+json`, {
    created: new Date().toISOString(),
    architecture: architecture(),
    os: 'linux',
    config: { ...base?.config, ...image.config },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    history: layers.map(() => ({ created_by: 'the machine lab' })),
  });
  const manifestType = `${OCI}.manifest.v1+json`;
  const manifest = await store.addJson(manifestType, { schemaVersion: 2, mediaType: manifestType, config, layers });
  const platform = { architecture: architecture(), os: 'linux' };
  const indexType = `${OCI}.index.v1+json`;
  const manifests = [{ ...manifest, platform }];
  const index = await store.addJson(indexType, { schemaVersion: 2, mediaType: indexType, manifests });
  for (const digest of [manifest.digest, index.digest]) await store.link('_manifests/revisions', digest);
  for (const tag of image.tags) await store.tag(tag, index.digest);
  return index.digest;
}

/** Unpacks an image of the store into a directory, without heed to what a layer takes away. */
export async function unpackImage(storage: string, repository: string, tag: string, root: string): Promise<void> {
  const store = new BlobStore(storage, repository);
  const { layers } = await store.read(tag);
  await mkdir(root, { recursive: true });
  for (const layer of layers)
    await must('tar', [
      '--extract',
      '--file',
      store.layerFile(layer),
      '--numeric-owner',
      '--xattrs',
      '--directory',
      root,
    ]);
}

class BlobStore {
  private readonly root: string;
  private readonly repository: string;

  constructor(storage: string, repository: string) {
    this.root = join(storage, 'docker/registry/v2');
    this.repository = join(this.root, 'repositories', repository);
  }

  async addLayer(layer: Layer): Promise<Descriptor> {
    const file = join(this.root, 'layer.unfinished');
    await mkdir(this.root, { recursive: true });
    await must('tar', ['--create', '--file', file, '--numeric-owner', '--xattrs', '--sort=name', ...layer]);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    const descriptor = {
      mediaType: `${OCI}.layer.v1.tar`,
      digest: `sha256:${hash.digest('hex')}`,
      size: (await stat(file)).size,
    };
    await this.ensureDirectory(this.blob(descriptor.digest));
    await rename(file, this.blob(descriptor.digest));
    await this.link('_layers', descriptor.digest);
    return descriptor;
  }

  async addJson(mediaType: string, value: unknown): Promise<Descriptor> {
    const text = JSON.stringify(value);
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    await this.write(this.blob(digest), text);
    await this.link('_layers', digest);
    return { mediaType, digest, size: Buffer.byteLength(text) };
  }

  async link(directory: string, digest: string): Promise<void> {
    await this.write(join(this.repository, directory, digest.replace(':', '/'), 'link'), digest);
  }

  async tag(tag: string, digest: string): Promise<void> {
    await this.write(join(this.repository, '_manifests/tags', tag, 'current/link'), digest);
    await this.link(`_manifests/tags/${tag}/index`, digest);
  }

  /** What an image of the store is made of. */
  async read(tag: string): Promise<{ readonly layers: readonly Descriptor[]; readonly config: ImageConfig }> {
    const index = await readFile(join(this.repository, '_manifests/tags', tag, 'current/link'), 'utf8');
    const { manifests } = await this.json<{ manifests: readonly Descriptor[] }>(index);
    const manifest = await this.json<{ layers: readonly Descriptor[]; config: Descriptor }>(manifests[0]?.digest ?? '');
    const { config } = await this.json<{ config: ImageConfig }>(manifest.config.digest);
    return { layers: manifest.layers, config };
  }

  /** Where the bytes of a layer are. */
  layerFile(layer: Descriptor): string {
    return this.blob(layer.digest);
  }

  private async json<T>(digest: string): Promise<T> {
    return JSON.parse(await readFile(this.blob(digest), 'utf8')) as T;
  }

  private blob(digest: string): string {
    const hex = digest.slice('sha256:'.length);
    return join(this.root, 'blobs/sha256', hex.slice(0, 2), hex, 'data');
  }

  private async ensureDirectory(file: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
  }

  private async write(file: string, text: string): Promise<void> {
    await this.ensureDirectory(file);
    await writeFile(file, text);
  }
}
