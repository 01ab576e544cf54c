import { rootCertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { trustFrom } from '../../src/host/http-client.ts';

it('is left to a Node that cannot tell what the machine trusts', () => {
  expect(trustFrom({})).toEqual({});
});

it('is asked for both kinds, and takes what stands in both once', () => {
  const asked: string[] = [];
  const getCACertificates = (of: 'default' | 'system') => {
    asked.push(of);
    return rootCertificates.slice(0, 3);
  };
  expect(trustFrom({ getCACertificates }).secureContext).toBeDefined();
  expect(asked).toEqual(['default', 'system']);
});
