import { describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../../../src/components/gateway/request-log.ts';
import {
  indexFindings,
  sealedFoldersThere,
  unansweredFindings,
} from '../../../../src/components/gateway/routing/sealed.ts';
import { answersSchema } from '../../../../src/config/schema.ts';
import type { Probe } from '../../../../src/host/host.ts';
import { RealHost } from '../../../../src/host/real-host.ts';
import { createMasking } from '../../../../src/host/secret.ts';
import { layoutFor } from '../../../../src/layout.ts';
import { put, scratchDirectory } from '../../../render/scratch.ts';

const probe: Probe = new RealHost({ uid: 0, env: {}, backupFolder: '/nowhere', masking: createMasking() });
const parse = (sealed: readonly string[]) =>
  answersSchema.safeParse({ version: 1, localModel: { address: '192.0.2.1' }, routing: { sealed } });

async function looked(home: string, ...sealed: readonly string[]): Promise<unknown> {
  const read = parse(sealed);
  if (!read.success) throw read.error;
  const [resource] = sealedFoldersThere(read.data, layoutFor({ user: 'ada', uid: 1001, home }));
  return resource?.kind === 'script' ? await resource.inspect(probe) : undefined;
}

it('asks for sealed folders that are there, before Docker makes them', async () => {
  const home = scratchDirectory();
  put(`${home}/private/a.txt`, 'x');
  expect(await looked(home)).toBeUndefined();
  expect(await looked(home, '~/private')).toEqual({ status: 'ok', note: '1 folder whose text never reaches a cloud' });
  for (const missing of ['~/prvate', '~/private/a.txt'])
    expect(await looked(home, '~/private', missing)).toMatchObject({
      status: 'blocked',
      code: 'sealed-folder-missing',
      problem: expect.stringContaining(missing.replace('~', home)),
    });
});

it.each([
  ['private', 'a folder, beginning with'],
  ['/', 'a folder, beginning with'],
  ['~', 'a folder, beginning with'],
  ['~/a:b', 'a colon'],
  ['~/$HOME', 'a dollar sign'],
  ['~/a/../b', '. or ..'],
])('refuses %s', (folder, why) => {
  expect(parse([folder]).error?.issues[0]?.message).toContain(why);
});

it('takes each folder once, however it is written, and no rule of the name that it has in the log', () => {
  expect(parse(['~/a//b/']).data?.routing.sealed).toEqual(['~/a/b']);
  expect(parse(['~/a', '~/a/']).success).toBe(false);
  const named = {
    version: 1,
    localModel: { address: '192.0.2.1' },
    routing: { rules: [{ name: 'sealed-folder', model: 'local' }] },
  };
  expect(answersSchema.safeParse(named).error?.issues[0]?.message).toContain('must not be sealed-folder');
});

const folders = [{ path: '/home/ada/private', mark: 'in-12345678', at: '/app/sealed/0' }];
const read = { v: 1, files: 12, bytes: 5, hashes: 9, large: 0, full: 0, binary: 3, unreadable: 0, examples: [] };

describe('what the gateway knows of sealed folders', () => {
  it.each([
    ['all of it', read, undefined, undefined],
    ['nothing that it said', undefined, 'has not said', 'claude-routing-install'],
    ['not what it may not read', { ...read, unreadable: 2 }, '2 sealed files of 12', 'chmod -R u+rX /home/ada/private'],
    ['not what is too large', { ...read, large: 1 }, '1 sealed file of 12', 'smaller folders'],
  ])('%s', (_, index, problem, fix) => {
    const [found] = indexFindings(JSON.stringify(index), folders, '/x');
    expect(found?.problem).toEqual(problem === undefined ? undefined : expect.stringContaining(problem));
    expect(found?.fix).toEqual(fix === undefined ? undefined : expect.stringContaining(fix));
  });

  it('names files as they are called on this machine', () => {
    const text = JSON.stringify({ ...read, large: 1, examples: ['/app/sealed/0/a/b.txt'] });
    const found = indexFindings(text, folders, '/x');
    expect(found[0]?.evidence[1]?.path).toBe('/home/ada/private/a/b.txt');
  });

  it.each(['', '{', '[]', '{"v":2}'])('is not taken from %o', (text) =>
    expect(indexFindings(text, folders, '/x')[0]?.problem).toContain('has not said'),
  );
});

describe('sealed conversations without an answer', () => {
  const request = { rule: 'sealed-folder', answered: null, cause: 'unreachable', status: 503 } as LoggedRequest;
  it.each([
    ['none', [], 0],
    ['one that had none', [request], 1],
    ['one that was answered', [{ ...request, answered: 'lm-studio:local-only' }], 0],
    ['one that was broken off by its sender', [{ ...request, cause: 'cancelled' as const }], 0],
    ['one of another rule', [{ ...request, rule: 'mine' }], 0],
  ])('%s', (_, requests, many) => expect(unansweredFindings(requests)).toHaveLength(many));
});
