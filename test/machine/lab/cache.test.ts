import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cached } from './cache.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lab-cache-'));
  vi.stubEnv('CLAUDE_ROUTING_LAB_CACHE', directory);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

it('builds a thing once for two that want it at the same time, and again for other inputs', async () => {
  let built = 0;
  const build = async (target: string) => {
    built += 1;
    await writeFile(join(target, 'number'), String(built));
  };
  const [one, other] = await Promise.all([cached('thing', { a: 1 }, build), cached('thing', { a: 1 }, build)]);
  expect([one === other, built]).toEqual([true, 1]);
  expect(await readFile(join(await cached('thing', { a: 2 }, build), 'number'), 'utf8')).toBe('2');
});

it('has nothing to show for a build that failed, and starts afresh the next time', async () => {
  const failing = async (target: string) => {
    await writeFile(join(target, 'half'), '');
    throw new Error('cut off');
  };
  await expect(cached('thing', {}, failing)).rejects.toThrow('cut off');
  const built = await cached('thing', {}, (target) => writeFile(join(target, 'whole'), ''));
  expect(await readdir(built)).toEqual(['whole']);
});
