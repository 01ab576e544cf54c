import { describe, expect, it } from 'vitest';
import { publishedImage } from '../../../../src/components/gateway/upgrade/candidate.ts';
import { failure, success } from '../../../../src/result.ts';
import { FakeHost } from '../../../machine/doubles/fake-host.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const manifest = 'HEAD https://ghcr.io/v2/berriai/litellm/manifests/v1.108.14';
const realm = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:berriai/litellm:pull"';
const token = 'GET https://ghcr.io/token?service=ghcr.io&scope=repository%3Aberriai%2Flitellm%3Apull';
const found = { status: 200, headers: { 'docker-content-digest': digest } };

const ask = async (host: FakeHost) => await publishedImage(host, 'ghcr.io/berriai/litellm', 'v1.108.14');

describe('what a registry has', () => {
  it('is asked without a token where none is wanted', async () => {
    expect(await ask(new FakeHost().reply(manifest, found))).toEqual(success(digest));
  });

  it('is asked with a token of anybody where the registry wants one', async () => {
    const host = new FakeHost()
      .reply(manifest, ({ headers }) =>
        headers?.authorization === 'Bearer anybody' ? found : { status: 401, headers: { 'www-authenticate': realm } },
      )
      .reply(token, { body: JSON.stringify({ token: 'anybody' }) });
    expect(await ask(host)).toEqual(success(digest));
  });

  it.each([
    ['has no such tag', { status: 404 }, 'ghcr.io has no berriai/litellm:v1.108.14'],
    ['is out of order', { status: 503 }, 'ghcr.io answers HTTP 503'],
    ['says no digest', { status: 200 }, 'ghcr.io answers HTTP 200'],
    ['says nonsense', { status: 200, headers: { 'docker-content-digest': 'latest' } }, 'ghcr.io answers HTTP 200'],
    [
      'wants a token from nowhere',
      { status: 401, headers: { 'www-authenticate': 'Basic' } },
      'ghcr.io answers HTTP 401',
    ],
    [
      'cannot be reached',
      { reached: false, failure: 'refused', detail: 'connection refused' } as const,
      'ghcr.io cannot be reached (connection refused)',
    ],
  ])('%s', async (_title, reply, unknown) => {
    expect(await ask(new FakeHost().reply(manifest, reply))).toEqual(failure(unknown));
  });
});
