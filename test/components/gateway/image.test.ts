import { describe, expect, it } from 'vitest';
import { gatewayImage, imageProblem, parseImageReference, withDigest } from '../../../src/components/gateway/image.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image reference', () => {
  it.each([
    ['ghcr.io/berriai/litellm:v1.108.14', { repository: 'ghcr.io/berriai/litellm', tag: 'v1.108.14' }],
    [`ghcr.io/berriai/litellm:v1@${digest}`, { repository: 'ghcr.io/berriai/litellm', tag: 'v1', digest }],
    [`registry.lan:5000/a/b-c@${digest}`, { repository: 'registry.lan:5000/a/b-c', digest }],
    ['registry.lan:5000/litellm', { repository: 'registry.lan:5000/litellm' }],
    ['localhost/litellm', { repository: 'localhost/litellm' }],
    // The engine takes these two for images of its own registry.
    ['litellm', undefined],
    ['berriai/litellm:v1', undefined],
    ['ghcr.io/berriai/lite..llm', undefined],
    ['ghcr..io/berriai/litellm', undefined],
    ['ghcr.io:0/berriai/litellm', undefined],
    [`ghcr.io/${'a-'.repeat(200)}`, undefined],
    ['ghcr.io/berriai/litellm:', undefined],
    ['ghcr.io/BerriAI/litellm:v1', undefined],
    ['ghcr.io/berriai/litellm@sha256:abc', undefined],
    ['ghcr.io/berriai/litellm:v1 --privileged', undefined],
    ['', undefined],
  ])('%s is taken apart', (reference, parts) => {
    expect(parseImageReference(reference)).toEqual(parts);
  });

  it('takes a digest in place of its own', () => {
    expect(withDigest(gatewayImage, digest)).toBe(`${gatewayImage}@${digest}`);
    expect(withDigest(`ghcr.io/a/b@sha256:${'f'.repeat(64)}`, digest)).toBe(`ghcr.io/a/b@${digest}`);
    expect(() => withDigest('litellm', digest)).toThrow('not an image reference');
  });
});

describe('the gateway image', () => {
  it.each([
    gatewayImage,
    `${gatewayImage}@${digest}`,
    'ghcr.io/berriai/litellm:1.108.10',
    'registry.lan:5000/litellm:v1.110.2',
    'a.b/c:v2.0.0',
  ])('%s may run', (reference) => {
    expect(imageProblem(reference)).toBeUndefined();
  });

  it.each([
    ['ghcr.io/berriai/litellm:v1.107.0', 'malicious'],
    [`ghcr.io/berriai/litellm:v1.107.0@${digest}`, 'malicious'],
    ['ghcr.io/berriai/litellm:1.82.7', 'malicious'],
    ['ghcr.io/berriai/litellm:v1.82.8', 'malicious'],
    ['ghcr.io/berriai/litellm:v1.108.9', 'older than 1.108.10'],
    ['ghcr.io/berriai/litellm:v1.99.100', 'older'],
    ['ghcr.io/berriai/litellm:main-stable', 'not a released version'],
    ['ghcr.io/berriai/litellm:latest', 'not a released version'],
    ['ghcr.io/berriai/litellm:lts', 'not a released version'],
    ['ghcr.io/berriai/litellm:v1.111.0-rc.3', 'not a released version'],
    ['ghcr.io/berriai/litellm:v1.108', 'not a released version'],
    [`ghcr.io/berriai/litellm@${digest}`, 'does not name its version'],
    ['ghcr.io/berriai/litellm', 'does not name its version'],
    ['litellm:v1.108.14', 'with its registry'],
  ])('%s may not: %s', (reference, reason) => {
    expect(imageProblem(reference)?.problem).toContain(reason);
    expect(imageProblem(reference)?.fix).toContain(gatewayImage);
  });
});
