import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readActionLog } from '../../src/engine/action-log.ts';
import { describeEffect } from '../../src/engine/event.ts';
import { openJournal } from '../../src/engine/journal.ts';
import type { Effect } from '../../src/host/host.ts';
import { Secret } from '../../src/host/secret.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/journal-`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const canary = `CANARY${randomBytes(12).toString('hex')}`;
const effects: readonly [name: string, effect: Effect, words: string][] = [
  ['a file', { do: 'write', path: '/a b/c', content: new Secret(canary), mode: 0o600 }, 'write /a b/c (mode 600)'],
  [
    'a directory',
    { do: 'make-directory', path: '/etc/x', mode: 0o755, sudo: true },
    'make directory /etc/x (mode 755)',
  ],
  ['a removal', { do: 'remove', path: '/etc/x' }, 'remove /etc/x'],
  [
    'a command',
    {
      do: 'run',
      why: 'w',
      command: { file: 'apt-get', args: ['-o', 'A::B=1', 'it is'], sudo: true, env: { LC_ALL: 'C' } },
    },
    "sudo env LC_ALL=C apt-get -o A::B=1 'it is'",
  ],
  [
    "a command with somebody's quotes",
    { do: 'run', why: 'w', command: { file: 'echo', args: ["it's", ''] } },
    "echo 'it'\\''s' ''",
  ],
  [
    'a command with a secret around it',
    {
      do: 'run',
      why: 'w',
      command: { file: 'x', args: [], env: { KEY: new Secret(canary) }, input: new Secret(canary) },
    },
    "KEY='••••' x",
  ],
  [
    'a request',
    {
      do: 'send',
      why: 'w',
      request: { url: 'http://10.0.0.5:1234/load', headers: { authorization: new Secret(canary) }, json: { key: 'm' } },
    },
    'POST http://10.0.0.5:1234/load',
  ],
];

describe('an effect in one line', () => {
  it.each(effects)('%s', (_, effect, words) => {
    expect(describeEffect(effect)).toBe(words);
  });
});

describe('the journal', () => {
  it('has one line per entry, with time and run, for its owner alone', async () => {
    const path = `${folder}/state/journal.jsonl`;
    const journal = await openJournal(path, 'run-1');
    await journal.write({ began: 'install' });
    await journal.effect({
      state: 'done',
      step: 'secrets',
      resource: 'keys',
      id: 'keys',
      effect: { do: 'remove', path: '/x' },
      backup: '/backups/x',
    });
    await journal.close();
    const [first, second] = lines(path);
    expect(first).toMatchObject({ run: 'run-1', began: 'install', at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
    expect(second).toMatchObject({
      state: 'done',
      step: 'secrets',
      resource: 'keys',
      id: 'keys',
      do: 'remove',
      path: '/x',
      backup: '/backups/x',
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${folder}/state`).mode & 0o777).toBe(0o700);
  });

  it('goes on behind the lines of earlier runs', async () => {
    const path = `${folder}/journal.jsonl`;
    for (const run of ['one', 'two']) {
      const journal = await openJournal(path, run);
      await journal.write({ began: 'install' });
      await journal.close();
    }
    expect(lines(path).map(({ run }) => run)).toEqual(['one', 'two']);
  });

  it('never holds a content, an input or a header', async () => {
    const path = `${folder}/journal.jsonl`;
    const journal = await openJournal(path, 'run');
    for (const [, effect] of effects)
      await journal.effect({ state: 'begun', step: 's', resource: 'r', id: 'keys', effect });
    await journal.close();
    expect(readFileSync(path, 'utf8')).not.toContain(canary);
    expect(lines(path)[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

function lines(path: string): readonly Record<string, unknown>[] {
  const text = readFileSync(path, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('a last line that was cut off', () => {
  const began = '{"at":"2026-01-01T00:00:00.000Z","run":"first","began":"install","version":"1.0.0"}\n';
  it.each([
    ['in the middle', `${began}{"at":"2026-01-01T00:00:01.000Z","run":"fir`],
    ['before its end', began.trimEnd()],
    ['by zeros', `${began}\0\0\0\0`],
  ])('%s swallows nothing of the next run', async (_, text) => {
    const path = `${folder}/journal.jsonl`;
    writeFileSync(path, text);
    const journal = await openJournal(path, 'second');
    await journal.write({ began: 'update', version: '1.2.0' });
    await journal.close();
    const { runs } = readActionLog(readFileSync(path, 'utf8'));
    expect(runs.map(({ id, command, version }) => [id, command, version])).toEqual([
      ['first', 'install', '1.0.0'],
      ['second', 'update', '1.2.0'],
    ]);
  });

  it('that an earlier version wrote on is read from where the next one begins', () => {
    const glued = `{"at":"2026-01-01T00:00:01.000Z","run":"x","what":"a {b${began}`;
    expect(readActionLog(glued)).toMatchObject({ runs: [{ id: 'first', command: 'install', version: '1.0.0' }] });
  });
});
