import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { probeDeployment } from '../../../src/components/cloud/foundry.ts';
import type { HttpFailure, Probe } from '../../../src/host/host.ts';
import { Secret } from '../../../src/host/secret.ts';
import { foundry } from '../../machine/stand-ins/foundry.ts';
import { recordingProbe, serve, serveRoutes } from '../../services/loopback.ts';
import { problemIn, valueIn } from '../../value-in.ts';

const text = randomBytes(16).toString('hex');
const key = new Secret(text);

async function tried(settings: Parameters<typeof foundry>[0], deployment = 'claude-sonnet-4-6') {
  const address = await serve(foundry({ keys: { [text]: null }, ...settings }));
  return probeDeployment(recordingProbe(), 'my-resource', deployment, key, `${address}/anthropic`);
}

describe('a deployment', () => {
  it('that answers one token is found', async () => {
    const standIn = foundry({ keys: { [text]: null } });
    const address = await serve(standIn);
    const found = await probeDeployment(
      recordingProbe(),
      'my-resource',
      'claude-opus-4-8',
      key,
      `${address}/anthropic`,
    );
    expect(valueIn(found)).toEqual({ deployment: 'claude-opus-4-8', model: 'claude-opus-4-8', ms: expect.any(Number) });
    expect(standIn.requests.map(({ path, body }) => [path, body])).toEqual([
      [
        '/anthropic/v1/messages',
        { model: 'claude-opus-4-8', max_tokens: 1, messages: [{ role: 'user', content: '.' }] },
      ],
    ]);
  });

  it('is asked for at its resource unless told otherwise', async () => {
    const asked: string[] = [];
    const http: Probe['http'] = async ({ url }) => {
      asked.push(url);
      return { reached: false, failure: 'timeout', detail: '', ms: 1 };
    };
    await probeDeployment({ http }, 'my-resource', 'd', key);
    expect(asked).toEqual(['https://my-resource.services.ai.azure.com/anthropic/v1/messages']);
  });
});

describe('every error in words', () => {
  it('a wrong key', async () => {
    expect(problemIn(await tried({ keys: {} }))).toMatchObject({
      problem: expect.stringContaining('my-resource does not accept this key'),
    });
  });

  it('a wrong deployment name', async () => {
    expect(problemIn(await tried({}, 'claude-sonet'))).toMatchObject({
      problem: expect.stringContaining('no deployment called claude-sonet'),
    });
  });

  it.each([
    ['forbidden', 'cloud-permission-missing', 'may not use claude-sonnet-4-6', 'Foundry User'],
    ['not_found', 'foundry-not-claude', 'no Claude endpoint', 'Target URI'],
    [
      'api_not_supported',
      'foundry-not-claude',
      "does not accept Claude's Messages API",
      'deployment of a Claude model',
    ],
    ['rate_limit', 'cloud-rate-limit', 'no quota left', 'raise the quota'],
    ['api', 'cloud-fault', 'internal error', 'azure.status'],
    ['overloaded', 'cloud-fault', 'internal error', 'azure.status'],
  ])('%s', async (error, code, problem, fix) => {
    const found = await tried({ faults: [{ on: 'generation', does: 'error', error }] });
    expect(problemIn(found)).toEqual({
      code,
      problem: expect.stringContaining(problem),
      fix: expect.stringContaining(fix),
    });
  });

  it.each([
    [
      'a closed network',
      403,
      { error: { code: '403', message: 'Access denied due to Virtual Network/Firewall rules.' } },
      'this network',
    ],
    ['a refused question', 400, { error: { code: 'x', message: 'bad' } }, 'refused a one-word question'],
    ['a web page', 200, '<html></html>', 'a web page'],
    ['200 and nonsense', 200, { hello: 1 }, 'not the Messages API'],
  ])('%s', async (_, status, body, words) => {
    const address = await serveRoutes({ 'POST /anthropic/v1/messages': { status, body } });
    const found = await probeDeployment(recordingProbe(), 'my-resource', 'd', key, `${address}/anthropic`);
    expect(problemIn(found)).toMatchObject({ problem: expect.stringContaining(words) });
  });

  it.each<[HttpFailure, string]>([
    ['name-not-found', 'no Foundry resource is called my-resource'],
    ['tls', 'not trusted'],
    ['timeout', 'did not answer in time'],
  ])('no reply: %s', async (failure, words) => {
    const http: Probe['http'] = async () => ({ reached: false, failure, detail: '', ms: 1 });
    const found = await probeDeployment({ http }, 'my-resource', 'd', key);
    expect(problemIn(found)).toMatchObject({ problem: expect.stringContaining(words) });
  });

  it('a key that the answer repeats is not shown', async () => {
    const body = { error: { code: '400', message: `bad key ${text}` } };
    const address = await serveRoutes({ 'POST /anthropic/v1/messages': { status: 400, body } });
    const found = await probeDeployment(recordingProbe(), 'my-resource', 'd', key, `${address}/anthropic`);
    expect(problemIn(found)).toMatchObject({ problem: expect.stringContaining('bad key ••••') });
    expect(JSON.stringify(found)).not.toContain(text.slice(0, 8));
  });
});
