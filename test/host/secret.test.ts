import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createMasking, revealed, Secret } from '../../src/host/secret.ts';

const value = `CANARY${randomBytes(12).toString('hex')}`;
const secret = new Secret(value);

describe('a secret', () => {
  it.each<[name: string, shown: () => string]>([
    ['in a template', () => `${secret}`],
    ['joined to a text', () => ['key: ', secret].join('')],
    ['as JSON', () => JSON.stringify({ key: secret, list: [secret] })],
    ['inspected', () => inspect({ secret }, { depth: 9, showHidden: true })],
    ['in an error', () => String(new Error(`no: ${secret}`).stack)],
    ['spread', () => JSON.stringify({ ...secret })],
  ])('is not shown %s', (_, shown) => {
    expect(shown()).not.toContain(value);
  });

  it('is given away on purpose only', () => {
    expect([secret.reveal(), revealed(secret), revealed('plain')]).toEqual([value, value, 'plain']);
  });

  it('can be told from another one without being shown', () => {
    expect(secret.fingerprint()).toMatch(/^[0-9a-f]{8}$/);
    expect(secret.fingerprint()).not.toBe(new Secret(`${value}x`).fingerprint());
    expect([secret.equals(new Secret(value)), secret.equals(new Secret('x')), secret.equals(undefined)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('masking', () => {
  const masking = createMasking();
  masking.add(secret);

  it('takes a secret out of a text, wherever it stands and however often', () => {
    expect(masking.mask(`${value} and "${value}"`)).toBe('•••• and "••••"');
  });

  it('takes out what has the shape of a key that nobody told of, and leaves the beginning that a hint names', () => {
    expect(masking.mask(`-export X="sk-ant-api03-${'x'.repeat(40)}" # sk-ant-api`)).toBe(
      '-export X="••••" # sk-ant-api',
    );
  });

  it('leaves a text without secrets as it is', () => {
    expect(masking.mask('nothing here')).toBe('nothing here');
  });

  it('does not hide what is too short to be a key', () => {
    masking.add(new Secret('the'));
    masking.add(new Secret(''));
    expect(masking.mask('the end')).toBe('the end');
  });

  it('hides the longer one of two that begin alike', () => {
    const both = createMasking();
    both.add(new Secret('sk-12345'));
    both.add(new Secret('sk-1234567890'));
    expect(both.mask('sk-1234567890')).toBe('••••');
  });
});
