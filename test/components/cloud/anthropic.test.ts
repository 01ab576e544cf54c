import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type CloudModel,
  familyOf,
  listModels,
  proposeModels,
  versionOf,
} from '../../../src/components/cloud/anthropic.ts';
import { anthropicKeyProblem } from '../../../src/components/cloud/anthropic-errors.ts';
import type { HttpFailure, Probe } from '../../../src/host/host.ts';
import { Secret } from '../../../src/host/secret.ts';
import type { ProblemCode } from '../../../src/problem-codes/index.ts';
import { anthropic } from '../../machine/stand-ins/anthropic.ts';
import { recordingProbe, serve, serveRoutes } from '../../services/loopback.ts';
import { problemIn, valueIn } from '../../value-in.ts';

const text = `sk-ant-api03-${randomBytes(24).toString('hex')}`;
const key = new Secret(text);

describe('the models of a key', () => {
  it('are listed in one request, with what a gateway has to know of them', async () => {
    const probe = recordingProbe();
    const found = await listModels(probe, key, await serve(anthropic({ keys: { [text]: null } })));
    const models = valueIn(found);
    expect(models[0]).toEqual({
      id: 'claude-haiku-5-5',
      family: 'haiku',
      version: [5, 5],
      createdAt: '2026-10-14T00:00:00Z',
    });
    expect(models.at(-1)).toMatchObject({ id: 'claude-haiku-4-5-20251001', family: 'haiku' });
    expect(probe.sent).toEqual([`GET /v1/models x-api-key: ${text} anthropic-version: 2023-06-01`]);
  });

  it('are read page by page', async () => {
    const pages = [
      { data: [{ id: 'a' }], has_more: true, last_id: 'a' },
      { data: [{ id: 'b' }], has_more: false, last_id: 'b' },
    ];
    const asked: string[] = [];
    const http: Probe['http'] = async ({ url }) => {
      asked.push(new URL(url).search);
      return { reached: true, status: 200, headers: {}, body: JSON.stringify(pages[asked.length - 1]), ms: 1 };
    };
    const found = await listModels({ http }, key);
    expect(valueIn(found).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(asked).toEqual(['?limit=1000', '?limit=1000&after_id=a']);
  });

  it('a server that always promises more is not followed for ever', async () => {
    let asked = 0;
    const http: Probe['http'] = async () => {
      asked += 1;
      const body = JSON.stringify({ data: [{ id: `m${asked}` }], has_more: true, last_id: `m${asked}` });
      return { reached: true, status: 200, headers: {}, body, ms: 1 };
    };
    await listModels({ http }, key);
    expect(asked).toBe(10);
  });
});

describe('every error in words', () => {
  it.each([
    ['authentication', 'cloud-key-refused', 'does not know this key', 'platform.claude.com'],
    ['permission', 'cloud-permission-missing', 'may not do this', 'permissions'],
    ['credit', 'cloud-cannot-be-paid', 'cannot pay', 'billing'],
    ['billing', 'cloud-cannot-be-paid', 'cannot pay', 'billing'],
    ['spend_limit', 'cloud-cannot-be-paid', 'spending limit', 'limits'],
    ['spend_cap', 'cloud-cannot-be-paid', 'spending limit', 'limits'],
    ['rate_limit', 'cloud-rate-limit', 'reached a limit', 'Wait 2 s'],
    ['not_found', 'cloud-model-missing', 'does not have', 'List the models'],
    ['request_too_large', 'request-too-large', 'larger than', '/compact'],
    ['invalid_request', 'cloud-refused-request', 'refused the request', 'newest version'],
    ['api', 'cloud-fault', 'internal error', 'status.claude.com'],
    ['timeout', 'cloud-fault', 'internal error', 'status.claude.com'],
    ['overloaded', 'cloud-fault', 'overloaded', 'status.claude.com'],
  ])('%s', async (error, code, problem, fix) => {
    const address = await serve(anthropic({ faults: [{ on: 'models', does: 'error', error }] }));
    expect(problemIn(await listModels(recordingProbe(), key, address))).toMatchObject({
      code,
      problem: expect.stringContaining(problem),
      fix: expect.stringContaining(fix),
    });
  });

  it.each([
    ['a login page', { body: '<html>Log in</html>' }, 'web page'],
    ['a proxy that wants a login', { status: 407, body: '' }, 'proxy'],
    ['a redirect', { status: 302, body: '', headers: { location: 'http://portal/' } }, 'elsewhere'],
    ['a bad gateway', { status: 502, body: 'bad gateway' }, 'internal error'],
    ['another API', { status: 401, body: { error: { message: 'no', type: 'no_auth' } } }, 'not the Claude API'],
    ['JSON of another kind', { body: { models: [] } }, 'not the Claude API'],
  ])('%s between here and there', async (_, answer, words) => {
    const address = await serveRoutes({ 'GET /v1/models': answer });
    expect(problemIn(await listModels(recordingProbe(), key, address))).toMatchObject({
      problem: expect.stringContaining(words),
    });
  });

  it.each<[HttpFailure, ProblemCode, string, string]>([
    ['name-not-found', 'name-not-found', 'DNS', 'getent hosts api.anthropic.com'],
    ['refused', 'connection-blocked', 'firewall', 'port 443'],
    ['timeout', 'connection-blocked', 'in time', 'port 443'],
    ['unreachable', 'connection-blocked', 'default route', 'port 443'],
    ['tls', 'certificate-untrusted', 'not trusted', 'update-ca-certificates'],
    ['clock', 'clock-wrong', 'at another time', 'timedatectl'],
    ['broken', 'connection-blocked', 'cut', 'port 443'],
    ['not-http', 'connection-blocked', 'cut', 'port 443'],
  ])('no reply: %s', async (failure, code, problem, fix) => {
    const http: Probe['http'] = async () => ({ reached: false, failure, detail: `${text} was sent`, ms: 1 });
    const found = await listModels({ http }, key);
    expect(problemIn(found)).toEqual({
      code,
      problem: expect.stringContaining(problem),
      fix: expect.stringContaining(fix),
    });
    expect(JSON.stringify(found)).not.toContain(text.slice(-12));
  });

  it('a key that the answer repeats is not shown', async () => {
    const body = { type: 'error', error: { type: 'permission_error', message: `key ${text} is not allowed` } };
    const address = await serveRoutes({ 'GET /v1/models': { status: 403, body } });
    const found = await listModels(recordingProbe(), key, address);
    expect(problemIn(found)).toMatchObject({ problem: expect.stringContaining('is not allowed') });
    expect(JSON.stringify(found)).not.toContain(text.slice(0, 20));
  });
});

describe('a key before it is sent', () => {
  it.each([
    ['', 'No key'],
    ['sk-ant-api03-a b', 'space'],
    ['sk-ant-api03-ab\n', 'line break'],
    ['sk-ant-oat01-c4n4ry', 'subscription'],
    ['sk-ant-admin01-c4n4ry', 'admin key'],
  ])('%j is refused: %s', (typed, words) => {
    const problem = anthropicKeyProblem(new Secret(typed));
    expect(problem?.problem).toContain(words);
    expect(JSON.stringify(problem)).not.toContain('c4n4ry');
  });

  it('a usual one passes', () => {
    expect(anthropicKeyProblem(key)).toBeUndefined();
  });
});

describe('what an id tells', () => {
  it.each([
    ['claude-sonnet-5-5', 'sonnet', [5, 5]],
    ['claude-opus-4-8', 'opus', [4, 8]],
    ['claude-fable-5', 'fable', [5]],
    ['claude-haiku-4-5-20251001', 'haiku', [4, 5]],
    ['claude-3-7-sonnet-20250219', 'sonnet', [3, 7]],
    ['claude-3-5-haiku-latest', 'haiku', [3, 5]],
    ['claude-sonnet-4-20250514', 'sonnet', [4]],
    ['claude-sonnet-4.6', 'sonnet', [4, 6]],
    ['my-Sonnet-prod', 'sonnet', []],
    ['claude-mythos-1', undefined, [1]],
    ['octopus-5', undefined, [5]],
  ])('%s', (id, family, version) => {
    expect(familyOf(id)).toBe(family);
    expect(versionOf(id)).toEqual(version);
  });
});

describe('the proposal', () => {
  const model = (id: string, more: Partial<CloudModel> = {}): CloudModel => {
    const family = familyOf(id);
    return { id, version: versionOf(id), createdAt: '', ...(family === undefined ? {} : { family }), ...more };
  };
  const ids = (...list: string[]) => list.map((id) => model(id));

  it('takes the newest of each family by number, not by the order of the list', () => {
    const models = ids(
      'claude-opus-4-8',
      'claude-opus-4-10',
      'claude-sonnet-4-6',
      'claude-sonnet-5',
      'claude-fable-5-2',
      'claude-haiku-5-5',
    );
    expect(proposeModels(models)).toEqual({
      opus: 'claude-opus-4-10',
      sonnet: 'claude-sonnet-5',
      fable: 'claude-fable-5-2',
      haiku: 'claude-haiku-5-5',
    });
  });

  it('leaves out what the account does not have', () => {
    expect(proposeModels([])).toEqual({});
    expect(proposeModels(ids('claude-opus-5', 'claude-mythos-1'))).toEqual({ opus: 'claude-opus-5' });
    expect(proposeModels([model('claude-haiku-4-5')])).toEqual({ haiku: 'claude-haiku-4-5' });
  });
});
