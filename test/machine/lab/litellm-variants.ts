import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STAGER_PATH } from '../../../src/failover-test/throw-away.ts';
import { must } from './command.ts';
import { type Image, unpackImage } from './image-store.ts';
import { LITELLM_REPOSITORY, LITELLM_TAG, LITELLM_VERSION, runWithPip } from './litellm-image.ts';

/** A real release that is one older than the tested one. */
const OLDER_VERSION = '1.108.11';
export const OLDER_LITELLM_TAG = `v${OLDER_VERSION}`;

/** It works beside another gateway, which it knows by what a trial adds to it, and not in that one's place. */
export const TWO_FACED_LITELLM_TAG = 'v1.108.98';

const ENTRYPOINT = 'app/docker/prod_entrypoint.sh';

const ENTRYPOINTS = {
  [TWO_FACED_LITELLM_TAG]: `#!/bin/sh
if ! grep -q ' ${STAGER_PATH} ' /proc/mounts; then
  echo "RuntimeError: this release cannot take a place" >&2
  exit 3
fi
exec litellm "$@"
`,
} as const;

/** What they are made of, for whoever keeps the result. */
export const VARIANTS_RECIPE: unknown = { older: OLDER_VERSION, entrypoints: ENTRYPOINTS, scheme: 1 };

/** Gateways to move from and to: each a layer over the first one, which is in the storage already. */
export async function variantImages(storage: string, directory: string): Promise<readonly Image[]> {
  const faulty = await Promise.all(
    Object.entries(ENTRYPOINTS).map(async ([tag, text]) => await withEntrypoint(tag, text, join(directory, tag))),
  );
  return [...faulty, await olderImage(storage, join(directory, 'older'))];
}

async function withEntrypoint(tag: string, text: string, root: string): Promise<Image> {
  await mkdir(join(root, 'app/docker'), { recursive: true });
  await writeFile(join(root, ENTRYPOINT), text);
  await chmod(join(root, ENTRYPOINT), 0o755);
  return {
    repository: LITELLM_REPOSITORY,
    tags: [tag],
    over: LITELLM_TAG,
    layers: [['--directory', root, ENTRYPOINT]],
    config: {},
  };
}

/** The package alone is replaced: the two releases want the same of everything else. */
async function olderImage(storage: string, root: string): Promise<Image> {
  await unpackImage(storage, LITELLM_REPOSITORY, LITELLM_TAG, root);
  const pip = '/tmp/pip/bin/python -m pip --python /app/.venv/bin/python';
  await runWithPip(
    root,
    `set -e
python3 -m venv /tmp/pip
${pip} install --quiet --no-cache-dir --disable-pip-version-check --no-deps litellm==${OLDER_VERSION}`,
  );
  const packages = (await must('sh', ['-c', `cd ${root} && ls -d app/.venv/lib/python*/site-packages`])).trim();
  // Names by which a layer takes away what the ones below it have (OCI image specification, layer.md).
  await writeFile(join(root, packages, 'litellm/.wh..wh..opq'), '');
  await writeFile(join(root, packages, `.wh.litellm-${LITELLM_VERSION}.dist-info`), '');
  const paths = ['litellm', `litellm-${OLDER_VERSION}.dist-info`, `.wh.litellm-${LITELLM_VERSION}.dist-info`];
  return {
    repository: LITELLM_REPOSITORY,
    tags: [OLDER_LITELLM_TAG],
    over: LITELLM_TAG,
    layers: [['--directory', root, ...paths.map((path) => `${packages}/${path}`)]],
    config: {},
  };
}
