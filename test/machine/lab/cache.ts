import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { until } from './command.ts';

/** Where everything is kept that is slow to make: CLAUDE_ROUTING_LAB_CACHE, or a directory under /var/cache. */
export function cacheDirectory(...below: readonly string[]): string {
  return join(process.env.CLAUDE_ROUTING_LAB_CACHE || '/var/cache/claude-routing-lab', ...below);
}

/** Where `cached` keeps what it built for these inputs; the directory is there when it is complete, and not before. */
export function builtPath(name: string, inputs: unknown): string {
  const key = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
  return cacheDirectory('built', `${name}-${key}`);
}

/** The lock for packages that are fetched from npm into the cache. */
export const packageLock = 'packages from npm';

const LOCK_TIMEOUT_MS = 30 * 60_000;

/**
 * Returns the directory that `build` made for these inputs, building it when it is not there yet. `build` fills a
 * directory of its own that is renamed when complete, so a build that was killed leaves nothing that looks finished.
 * Two processes that want the same thing build it once.
 */
export async function cached(
  name: string,
  inputs: unknown,
  build: (directory: string) => Promise<void>,
): Promise<string> {
  const finished = builtPath(name, inputs);
  if (existsSync(finished)) return finished;
  await mkdir(cacheDirectory('built'), { recursive: true });
  return withLock(finished, async () => {
    if (existsSync(finished)) return finished;
    const unfinished = `${finished}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished);
    await build(unfinished);
    await rename(unfinished, finished);
    return finished;
  });
}

/** Runs `action` while no other process of this host is inside the same lock. A process that dies leaves no lock behind. */
export async function withLock<T>(name: string, action: () => Promise<T>): Promise<T> {
  const lock = createServer();
  await until(`the lock ${name}`, () => takeLock(lock, name), LOCK_TIMEOUT_MS, 200);
  try {
    return await action();
  } finally {
    lock.close();
  }
}

/** The lock is a socket in the abstract namespace (unix(7)): one process can hold it, and the kernel lets go of it. */
function takeLock(lock: Server, name: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    lock.once('error', (error: NodeJS.ErrnoException) => {
      lock.removeAllListeners('listening');
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    lock.listen(`\0claude-routing-lab:${createHash('sha256').update(name).digest('hex')}`, () => {
      lock.removeAllListeners('error');
      resolve(true);
    });
  });
}
