import { existsSync, readFileSync } from 'node:fs';
import { appendFile, chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { must } from './command.ts';
import type { DebianMirror } from './debian-mirror.ts';
import type { LabIdentity } from './identity.ts';
import type { Image } from './image-store.ts';
import { bootstrap, trustAuthority } from './root-image.ts';

/** The gateway that the lab's images contain: the package on PyPI that the official image of this version is made of. */
export const LITELLM_VERSION = '1.108.14';

/** Path of the gateway's image in the registry, and the tags that the lab has of it. */
export const LITELLM_REPOSITORY = 'berriai/litellm';
export const LITELLM_TAG = `v${LITELLM_VERSION}`;
export const BROKEN_LITELLM_TAG = 'v1.108.99';

const SYSTEM_PACKAGES = ['python3', 'python3-venv', 'ca-certificates', 'libstdc++6'];

/** Required by the package, 190 MB together, and not loaded by a gateway that only routes. */
const LEFT_OUT = ['polars', 'pyroscope-io'];

/** In the official image though no dependency of the package: without them a request that carries no key ends in a 500. */
const BESIDES = ['prisma', 'nodeenv', 'tomlkit', 'strenum'];

/** What the image is made of, for whoever keeps the result. */
export const LITELLM_RECIPE: unknown = {
  version: LITELLM_VERSION,
  system: SYSTEM_PACKAGES,
  without: LEFT_OUT,
  besides: BESIDES,
  scheme: 1,
};

/**
 * Builds the root of the gateway's image in `directory`: Debian's Python with LiteLLM in /app/.venv, started the way the
 * official image is started (`docker run IMAGE --config /app/config.yaml --port 4000`, as root, in /app). The lab's
 * authority is trusted inside, so that the gateway calls the stand-ins by the names of the real services.
 */
export async function litellmImage(mirror: DebianMirror, identity: LabIdentity, directory: string): Promise<Image> {
  const root = join(directory, 'litellm');
  await bootstrap(mirror, root, 'essential', SYSTEM_PACKAGES);
  await installLitellm(root);
  await trustAuthority(root, identity);
  const bundle = (await must('chroot', [root, '/app/.venv/bin/python', '-m', 'certifi'])).trim();
  await appendFile(join(root, bundle), await readFile(identity.caFile));
  await writeEntrypoint(root);
  const clean = ['var/lib/apt', 'var/cache', 'var/log', 'tmp', 'root'].map((path) => `--exclude=./${path}/*`);
  return {
    repository: LITELLM_REPOSITORY,
    tags: [LITELLM_TAG],
    layers: [
      ['--directory', root, ...clean, '--exclude=./app', '.'],
      ['--directory', root, './app'],
    ],
    config: {
      Env: ['PATH=/app/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Entrypoint: ['docker/prod_entrypoint.sh'],
      Cmd: ['--port', '4000'],
      WorkingDir: '/app',
      ExposedPorts: { '4000/tcp': {} },
    },
  };
}

async function writeEntrypoint(root: string): Promise<void> {
  const file = join(root, 'app/docker/prod_entrypoint.sh');
  await mkdir(join(root, 'app/docker'), { recursive: true });
  await writeFile(file, '#!/bin/sh\nexec litellm "$@"\n');
  await chmod(file, 0o755);
}

async function installLitellm(root: string): Promise<void> {
  await copyFile(join(import.meta.dirname, 'litellm-requirements.py'), join(root, 'requirements.py'));
  const python = '/app/.venv/bin/python';
  const pip = `${python} -m pip install --quiet --no-cache-dir --disable-pip-version-check`;
  const script = `set -e
python3 -m venv /app/.venv
${pip} --no-deps litellm==${LITELLM_VERSION}
${python} /requirements.py ${LEFT_OUT.join(' ')} > /requirements.txt
${pip} --requirement /requirements.txt
${pip} --no-deps ${BESIDES.join(' ')}
${python} -m pip uninstall --quiet --yes pip`;
  await runWithPip(root, script);
  await Promise.all(['requirements.py', 'requirements.txt'].map((name) => rm(join(root, name))));
}

/** Runs a script of shell in a root, with this host's way to its package index. */
export async function runWithPip(root: string, script: string): Promise<void> {
  const settings = pipSettings();
  const binds = settings.paths.map((path) => `--bind-ro=${path}`);
  const variables = Object.entries(settings.variables).map(([key, value]) => `--setenv=${key}=${value}`);
  const machine = ['--quiet', '--register=no', '--keep-unit', '--resolv-conf=copy-host', '--bind-ro=/etc/hosts'];
  await must('systemd-nspawn', [...machine, ...binds, ...variables, '--directory', root, 'bash', '-c', script]);
}

/** This host's way to its package index: pip's settings, proxies and certificates, and every file that they name. */
function pipSettings(): { readonly variables: Record<string, string>; readonly paths: readonly string[] } {
  const files = [
    '/etc/pip.conf',
    join(homedir(), '.config/pip/pip.conf'),
    join(homedir(), '.pip/pip.conf'),
    join(homedir(), '.netrc'),
  ];
  const present = files.filter((file) => existsSync(file));
  const relevant = /^(PIP_\w+|(https?|no|all)_proxy|SSL_CERT_FILE|REQUESTS_CA_BUNDLE)$/i;
  const variables: Record<string, string> = {};
  for (const [key, value] of Object.entries(process.env)) if (relevant.test(key) && value) variables[key] = value;
  const text = [...Object.values(variables), ...present.map((file) => readFileSync(file, 'utf8'))].join('\n');
  const named = (text.match(/(?<![\w:/])(?:file:\/\/)?\/[^\s'",/:][^\s'",:]*/g) ?? []).map((path) =>
    path.replace(/^file:\/\//, ''),
  );
  // An index on disk links to files beside it, so its parent goes along.
  const parents = named.flatMap((path) => (path.endsWith('/simple') ? [path.slice(0, -'/simple'.length)] : [path]));
  const paths = new Set([...present, ...parents].filter((path) => existsSync(path)));
  return { variables, paths: [...paths] };
}

/** An image that ends at once with an error, for the way back after an update that went wrong. */
export function brokenLitellmImage(busybox: string): Image {
  const complaint = 'echo "Traceback (most recent call last): RuntimeError: this release cannot start" >&2; exit 3';
  return {
    repository: LITELLM_REPOSITORY,
    tags: [BROKEN_LITELLM_TAG],
    layers: [['--directory', busybox, 'bin/busybox']],
    config: {
      Entrypoint: ['/bin/busybox', 'sh', '-c', complaint, '--'],
      WorkingDir: '/app',
      ExposedPorts: { '4000/tcp': {} },
    },
  };
}
