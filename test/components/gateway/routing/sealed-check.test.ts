import { describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../../../src/components/gateway/request-log.ts';
import { indexFindings, unansweredFindings } from '../../../../src/components/gateway/routing/sealed.ts';

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
