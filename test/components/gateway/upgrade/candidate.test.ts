import { describe, expect, it } from 'vitest';
import {
  answeredImage,
  answersAfterReturn,
  candidateFor,
  type ImageFacts,
  imageWords,
  publishedImage,
  wantedImage,
} from '../../../../src/components/gateway/upgrade/candidate.ts';
import { noCloudReply } from '../../../../src/http/no-reply.ts';
import { failure, success } from '../../../../src/problem.ts';
import { FakeHost } from '../../../machine/doubles/fake-host.ts';

const repository = 'ghcr.io/berriai/litellm';
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const [a, b, c] = ['a', 'b', 'c'].map(digest) as [string, string, string];
const tested = { image: `${repository}:v1.108.14`, digest: undefined };
const pinned = { image: `${repository}:v1.108.14`, digest: a };
const older = `${repository}:v1.108.10@${b}`;
const same = `${repository}:v1.108.14@${a}`;
const newer = `${repository}:v1.108.15@${b}`;
const unreached = failure(noCloudReply('ghcr.io', 'refused', ''));

type Row = [title: string, facts: Partial<ImageFacts>, status: string, words: RegExp];

const rows: readonly Row[] = [
  ['an older one runs', { running: older }, 'pending', /alongside the running one/],
  [
    'an older one runs, digest built in, registry silent',
    { running: older, tested: pinned, published: unreached },
    'pending',
    /alongside/,
  ],
  ['an older one runs, registry silent', { running: older, published: unreached }, 'stuck', /was refused/],
  ['the tested one runs', { running: same }, 'current', /nothing to do/],
  ['the tested one runs, registry silent', { running: same, published: unreached }, 'current', /could not be asked/],
  ['the tested one runs, loaded from a file', { running: tested.image }, 'current', /loaded from a file/],
  ['a newer one runs', { running: newer }, 'current', /newer than v1.108.14/],
  ['nothing runs', { running: undefined }, 'stuck', /no gateway/],
  ['its tag was moved', { running: same, published: success(c) }, 'stuck', /published again/],
  [
    'another digest of it runs than is built in',
    { running: `${repository}:v1.108.14@${c}`, tested: pinned },
    'pending',
    /alongside/,
  ],
  ['asked for a refused one', { running: older, asked: `${repository}:v1.107.0` }, 'stuck', /malicious/],
  ['asked for one below the floor', { running: older, asked: `${repository}:v1.106.1` }, 'stuck', /older than/],
  ['asked for a moving tag', { running: older, asked: `${repository}:main-stable` }, 'stuck', /not a released version/],
  ['asked for a short name', { running: older, asked: 'litellm' }, 'stuck', /not an image reference/],
  ['asked for an older one', { running: newer, asked: `${repository}:v1.108.10` }, 'pending', /alongside/],
  [
    'asked for the moved digest by name',
    { running: same, asked: `${repository}:v1.108.14@${c}`, published: success(c) },
    'pending',
    /alongside/,
  ],
];

describe('which image to move to', () => {
  it.each(rows)('%s', (_title, facts, status, words) => {
    const decision = candidateFor({ running: older, asked: undefined, tested, published: success(a), ...facts });
    expect(decision.status).toBe(status);
    expect(JSON.stringify(decision)).toMatch(words);
  });

  it('is by digest, also where only the tag was named', () => {
    const decision = candidateFor({ running: older, asked: undefined, tested, published: success(a) });
    expect(decision).toMatchObject({ target: { reference: tested.image, digest: a } });
  });

  it('stays with the built-in digest when its tag was moved, and says so', () => {
    const decision = candidateFor({ running: older, asked: undefined, tested: pinned, published: success(c) });
    expect(decision).toMatchObject({ status: 'pending', target: { digest: a } });
    expect(JSON.stringify(decision)).toMatch(/published again.*--image .*v1\.108\.14@sha256:ccc/);
  });
});

describe('what the answers say afterwards', () => {
  it.each([
    ['the tested one needs no word', answeredImage(same, tested), undefined],
    ['nor does the built-in digest', answeredImage(same, pinned), undefined],
    [
      'another digest of it does',
      answeredImage(`${repository}:v1.108.14@${c}`, pinned),
      `${repository}:v1.108.14@${c}`,
    ],
    ['another version does', answeredImage(newer, tested), newer],
    [
      'another registry does',
      answeredImage(`docker.litellm.ai/berriai/litellm:v1.108.14@${a}`, tested),
      `docker.litellm.ai/berriai/litellm:v1.108.14@${a}`,
    ],
    ['after a way back: what they said', answersAfterReturn('mine', older, tested), 'mine'],
    ['after a way back from the tested one: the old one, by name', answersAfterReturn(undefined, older, tested), older],
    ['after a way back to the tested one: nothing', answersAfterReturn(undefined, same, tested), undefined],
  ])('%s', (_title, said, expected) => {
    expect(said).toBe(expected);
  });
});

it('the built-in digest is part of what is wanted', () => {
  expect([wantedImage(undefined, tested), wantedImage(undefined, pinned), wantedImage('other', pinned)]).toEqual([
    tested.image,
    same,
    'other',
  ]);
  expect(imageWords(same)).toBe('v1.108.14 (sha256:aaaaaaaaaaaa…)');
});

const published = `sha256:${'a'.repeat(64)}`;
const manifest = 'HEAD https://ghcr.io/v2/berriai/litellm/manifests/v1.108.14';
const realm = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:berriai/litellm:pull"';
const token = 'GET https://ghcr.io/token?service=ghcr.io&scope=repository%3Aberriai%2Flitellm%3Apull';
const found = { status: 200, headers: { 'docker-content-digest': published } };

const ask = async (host: FakeHost) => await publishedImage(host, 'ghcr.io/berriai/litellm', 'v1.108.14');

describe('what a registry has', () => {
  it('is asked without a token where none is wanted', async () => {
    expect(await ask(new FakeHost().reply(manifest, found))).toEqual(success(published));
  });

  it('is asked with a token of anybody where the registry wants one', async () => {
    const host = new FakeHost()
      .reply(manifest, ({ headers }) =>
        headers?.authorization === 'Bearer anybody' ? found : { status: 401, headers: { 'www-authenticate': realm } },
      )
      .reply(token, { body: JSON.stringify({ token: 'anybody' }) });
    expect(await ask(host)).toEqual(success(published));
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
      'The connection to ghcr.io was refused; a firewall between here and the internet can cause that.',
    ],
  ])('%s', async (_title, reply, unknown) => {
    expect(await ask(new FakeHost().reply(manifest, reply))).toMatchObject(failure({ problem: unknown }));
  });
});
