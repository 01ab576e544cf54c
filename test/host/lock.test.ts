import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock, clearLeftLock } from '../../src/host/lock.ts';
import { failure } from '../../src/problem.ts';
import { valueIn } from '../value-in.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/lock-`);
  path = `${folder}/state/lock`;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock', () => {
  it('is ours until it is released, and ours again after that', async () => {
    const first = valueIn(await acquireLock(path));
    expect(await acquireLock(path)).toEqual(failure({ heldBy: process.pid }));
    await first.release();
    expect(readdirSync(`${folder}/state`)).toEqual([]);
    expect(await acquireLock(path)).toHaveProperty('value.release');
  });

  it('is for its owner alone', async () => {
    await acquireLock(path);
    expect([statSync(path).mode & 0o777, statSync(`${folder}/state`).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('tells which process holds it', async () => {
    const other = spawn('sleep', ['30'], { stdio: 'ignore' });
    try {
      await acquireLock(path);
      const started = readFileSync(`/proc/${other.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
      writeFileSync(path, `${other.pid} ${started}\n`);
      expect(await acquireLock(path)).toEqual(failure({ heldBy: other.pid }));
    } finally {
      other.kill();
    }
  });

  it.each([
    ['by a process that is gone', '4194304 12345\n'],
    ['by a process whose number another one has now', `${process.pid} 1\n`],
    ['half-written', ''],
    ['with something else in it', 'what is this?\n'],
  ])('is taken over when it was left behind %s', async (_, text) => {
    await valueIn(await acquireLock(path)).release();
    writeFileSync(path, text);
    expect(await acquireLock(path)).toHaveProperty('value.release');
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^${process.pid} `));
  });

  it('is cleared when nobody holds it, and only then', async () => {
    await clearLeftLock(path);
    const held = valueIn(await acquireLock(path));
    await clearLeftLock(path);
    expect(readdirSync(`${folder}/state`)).toEqual(['lock']);
    await held.release();
    writeFileSync(path, '4194304 12345\n');
    await clearLeftLock(path);
    expect(readdirSync(`${folder}/state`)).toEqual([]);
  });

  it('is given to one of many who come at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, async () => await acquireLock(path)));
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
  });
});
