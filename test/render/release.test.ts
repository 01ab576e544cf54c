import { describe, expect, it } from 'vitest';
import { mergeRoutedSettings, releaseRoutedSettings } from '../../src/components/launchers/settings.ts';
import { holdsAllValues, releaseSecrets, renderSecrets } from '../../src/components/secrets-file/secrets-env.ts';
import { revealed, Secret } from '../../src/host/secret.ts';
import { valueIn } from '../value-in.ts';

const script = '/home/claude/.config/claude-routing/status-line.bash';

function merged(current: string | undefined, wanted: boolean): string {
  const result = valueIn(mergeRoutedSettings(current, { script, wanted }));
  return result.text;
}

describe('routed settings', () => {
  it.each<[name: string, original: string]>([
    ['a plain file', '{\n  "theme": "dark"\n}\n'],
    [
      'a file with a route of its own',
      '{\n    "theme": "dark",\n    "env": {\n        "ANTHROPIC_BASE_URL": "x"\n    }\n}',
    ],
  ])('lose our status line and get their variables back: %s', (_, original) => {
    const text = merged(original, true);
    expect(text).not.toBe(original);
    expect(JSON.parse(releaseRoutedSettings(text, script, original) ?? '')).toEqual(JSON.parse(original));
  });

  it('that are all ours go', () => {
    expect(releaseRoutedSettings(merged(undefined, true), script, undefined)).toBeUndefined();
    expect(releaseRoutedSettings(merged(undefined, false), script, undefined)).toBeUndefined();
  });

  it('with nothing of ours in them keep every byte', () => {
    const text = '{ "theme":"dark", "statusLine": {"type":"command","command":"mine"} }';
    expect(releaseRoutedSettings(text, script, undefined)).toBe(text);
  });

  it('keep what somebody has set since', () => {
    const original = '{"env":{"ANTHROPIC_BASE_URL":"old"}}';
    const now = '{"env":{"ANTHROPIC_BASE_URL":"new","MINE":"1"},"statusLine":{"type":"command","command":"/x"}}';
    expect(releaseRoutedSettings(now, script, original)).toBe(now);
  });

  it('that are no JSON are left alone', () => {
    expect(releaseRoutedSettings('{', script, undefined)).toBe('{');
  });
});

describe('keys', () => {
  const keys = { gatewayKey: new Secret('sk-local-0123456789'), anthropicKey: new Secret('sk-ant-0123456789') };
  const rendered = (current: string | undefined): string => {
    const result = valueIn(renderSecrets(current, keys));
    return revealed(result);
  };

  it.each<[name: string, original: string | undefined, left: string]>([
    ['a file that was not there', undefined, ''],
    ['foreign lines', '# mine\nOTHER=1\n', '# mine\nOTHER=1\n'],
    ['a key of its own', 'LITELLM_MASTER_KEY=sk-local-0123456789\n', 'LITELLM_MASTER_KEY=sk-local-0123456789\n'],
  ])('go and leave %s', (_, original, left) => expect(releaseSecrets(rendered(original), original)).toBe(left));

  it('go from among lines that were added since', () => {
    expect(releaseSecrets(`${rendered(undefined)}ADDED=1\n`, undefined)).toBe('ADDED=1\n');
  });

  it.each<[string, string, boolean]>([
    ['A=1\nB=2\n', 'C=1\n', true],
    ['A=1\n', 'A=1\nB=2\n', false],
    ['', '', true],
  ])('%j holds all values of %j: %s', (text, of, holds) => expect(holdsAllValues(text, of)).toBe(holds));
});
