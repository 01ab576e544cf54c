import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, normalize } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { attempt } from './command.ts';
import type { DebianMirror } from './debian-mirror.ts';

/** Lists are asked for again after this long; packages and lists named by their hash never change. */
const LIST_LIFETIME_MS = 24 * 3600_000;
const PARALLEL_DOWNLOADS = 6;

/**
 * Debian's own archive as the machine sees it: `/debian` and `/debian-security`, fetched file by file through the
 * apt of this host (so with its proxy, its certificates and its mirror) and kept on disk. Nothing is re-signed: the
 * machine's apt checks Debian's own signatures.
 */
export function debianArchive(mirror: DebianMirror): RequestListener {
  const upstreams: Readonly<Record<string, string | undefined>> = {
    debian: mirror.main,
    'debian-security': mirror.security,
  };
  return (request, response) => {
    const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/'));
    const [, root = '', ...rest] = path.split('/');
    const upstream = upstreams[root];
    if (upstream === undefined || rest.length === 0 || path.includes('..')) return notFound(response);
    obtain(`${upstream}/${encodeURI(rest.join('/'))}`, cacheDirectory('archive', root, ...rest))
      .then((file) => (file === undefined ? notFound(response) : sendFile(file, request.method ?? 'GET', response)))
      .catch((error: unknown) => {
        response.writeHead(502).end(`${String(error)}\n`);
      });
  };
}

/** The archive on a free loopback port, for what is built on this host itself. */
export async function serveArchiveLocally(
  mirror: DebianMirror,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(debianArchive(mirror));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const underWay = new Map<string, Promise<string | undefined>>();
const waiting: (() => void)[] = [];
let downloading = 0;

/** The file on disk, fetched when it is absent or too old; undefined when the archive has no such file. */
function obtain(uri: string, file: string): Promise<string | undefined> {
  const already = underWay.get(file);
  if (already !== undefined) return already;
  const obtaining = obtainOnce(uri, file).finally(() => underWay.delete(file));
  underWay.set(file, obtaining);
  return obtaining;
}

async function obtainOnce(uri: string, file: string): Promise<string | undefined> {
  const age = await ageOf(file);
  const immutable = /\/pool\/|\/by-hash\//.test(file);
  if (age !== undefined && (immutable || age < LIST_LIFETIME_MS)) return file;
  const outcome = await download(uri, file);
  if (outcome === 'fetched') return file;
  if (outcome === 'absent') return undefined;
  if (age !== undefined) return file;
  throw new Error(outcome.problem);
}

async function download(uri: string, file: string): Promise<'fetched' | 'absent' | { readonly problem: string }> {
  const unfinished = `${file}.${process.pid}.unfinished`;
  await mkdir(dirname(file), { recursive: true });
  if (downloading >= PARALLEL_DOWNLOADS) await new Promise<void>((resolve) => waiting.push(resolve));
  downloading += 1;
  try {
    const args = ['-o', 'APT::Sandbox::User=root', 'download-file', uri, unfinished];
    const result = await attempt('/usr/lib/apt/apt-helper', args, { env: { LC_ALL: 'C' } });
    if (result.exitCode === 0) {
      // apt gives the file the age that it has at the mirror; what counts here is when it was asked for.
      await utimes(unfinished, new Date(), new Date());
      await rename(unfinished, file);
      return 'fetched';
    }
    await rm(unfinished, { force: true });
    const said = result.stderr + result.stdout;
    return /\b404\b|File not found/.test(said) ? 'absent' : { problem: said.trim() };
  } finally {
    downloading -= 1;
    waiting.shift()?.();
  }
}

async function ageOf(file: string): Promise<number | undefined> {
  try {
    const found = await stat(file);
    return found.isFile() ? Date.now() - found.mtimeMs : undefined;
  } catch {
    return undefined;
  }
}

async function sendFile(file: string, method: string, response: ServerResponse): Promise<void> {
  const { size, mtime } = await stat(file);
  response.writeHead(200, { 'content-length': size, 'last-modified': mtime.toUTCString() });
  if (method === 'HEAD') return void response.end();
  createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
}

function notFound(response: ServerResponse): void {
  response.writeHead(404).end('no such file in the archive\n');
}
