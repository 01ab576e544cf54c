import { rootCertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { failureOf, trustFrom } from '../../src/host/http-client.ts';

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

it.each([
  ['CERT_NOT_YET_VALID', 'clock'],
  ['CERT_HAS_EXPIRED', 'clock'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['CERT_SIGNATURE_FAILURE', 'tls'],
  ['CERT_UNTRUSTED', 'tls'],
  ['INVALID_CA', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
  ['ECONNRESET', 'broken'],
])('what Node says of a certificate is told as that: %s', (code, failure) => {
  expect(failureOf(Object.assign(new Error('words'), { code }))).toEqual({ failure, detail: 'words' });
});
