import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { knownSecrets, typedSecret } from '../../../src/components/secrets-file/secret-source.ts';
import { type Answers, answersSchema } from '../../../src/config/schema.ts';
import type { Secrets } from '../../../src/config/secrets.ts';
import { FakeHost } from '../../machine/doubles/fake-host.ts';
import { problemIn, valueIn } from '../../value-in.ts';

const key = (): string => `sk-CANARY${randomBytes(12).toString('hex')}`;
const file = '/home/anna/.config/claude-secrets.env';

interface Given {
  readonly answers?: Partial<Answers>;
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

async function found({ answers = {}, files = {}, environment = {} }: Given) {
  return await knownSecrets(answers, { probe: new FakeHost(files), environment, secretsFile: file });
}

async function secretsOf(given: Given): Promise<Secrets> {
  const secrets = valueIn(await found(given));
  return secrets;
}

function anthropic(reference: string): Partial<Answers> {
  return answersSchema.parse({ version: 1, localModel: { address: 'box' }, cloud: { anthropic: { key: reference } } });
}

describe('the gateway key', () => {
  it('is made when there is none: sk- and 32 random bytes', async () => {
    const [one, two] = [await secretsOf({}), await secretsOf({})];
    expect(one.gatewayKey.reveal()).toMatch(/^sk-[0-9a-f]{64}$/);
    expect(one.gatewayKey.equals(two.gatewayKey)).toBe(false);
  });

  it('is kept when there is one', async () => {
    const kept = key();
    expect((await secretsOf({ files: { [file]: `LITELLM_MASTER_KEY=${kept}\n` } })).gatewayKey.reveal()).toBe(kept);
  });
});

describe('a cloud key', () => {
  const lastRun = (value: string, name = 'ANTHROPIC_DIRECT_KEY') => ({ [file]: `${name}=${value}\n` });
  const unreadable = /the file \/keys\/claude is missing, empty or not readable/;

  it.each<[name: string, given: (value: string) => Given]>([
    ['by reference', (value) => ({ answers: anthropic('env:MY_KEY'), environment: { MY_KEY: value } })],
    ['in a file, with a line end', (value) => ({ answers: anthropic('file:/a'), files: { '/a': `${value}\n` } })],
    ['in a file with a colon', (value) => ({ answers: anthropic('file:/a:b'), files: { '/a:b': value } })],
    ['in the environment, unasked', (value) => ({ environment: { ANTHROPIC_DIRECT_KEY: value } })],
    ['in the secrets file of the last run', (value) => ({ files: lastRun(value) })],
    ['in a hand-made one, by a name that must not stay', (value) => ({ files: lastRun(value, 'ANTHROPIC_API_KEY') })],
    ['there, too, when the reference is gone', (value) => ({ answers: anthropic('env:GONE'), files: lastRun(value) })],
  ])('is found %s', async (_, given) => {
    const value = key();
    expect((await secretsOf(given(value))).anthropicKey?.reveal()).toBe(value);
  });

  it('is the referenced one rather than the one in the environment or the one of the last run', async () => {
    const [right, other, old] = [key(), key(), key()];
    const secrets = await secretsOf({
      answers: anthropic('env:MY_KEY'),
      environment: { MY_KEY: right, ANTHROPIC_DIRECT_KEY: other },
      files: lastRun(old),
    });
    expect(secrets.anthropicKey?.reveal()).toBe(right);
  });

  it('is never taken from ANTHROPIC_API_KEY: that is a bill of its own', async () => {
    expect((await secretsOf({ environment: { ANTHROPIC_API_KEY: key() } })).anthropicKey).toBeUndefined();
  });

  it.each<[reference: string, files: Readonly<Record<string, string>>, problem: RegExp, fix: RegExp]>([
    ['env:MY_KEY', {}, /variable MY_KEY is empty or not set/, /read -rs MY_KEY && export MY_KEY/],
    ['file:/keys/claude', {}, unreadable, /chmod 600 \/keys\/claude/],
    ['file:/keys/claude', { '/keys/claude': ' \n' }, unreadable, /chmod 600/],
    [
      'file:/keys/claude',
      { '/keys/claude': '\uFFFD\uFFFDs\0k\0-\0' },
      /claude is UTF-16 text/,
      /copy the key once more/,
    ],
  ])('that %s should give and does not is a problem', async (reference, files, problem, fix) => {
    expect(problemIn(await found({ answers: anthropic(reference), files }))).toMatchObject({
      problem: expect.stringMatching(problem),
      fix: expect.stringMatching(fix),
    });
  });

  it.each(['$', ' ', '"', '#', '\\', '\u00e9', '\u0007'])(
    'with %j in it is refused without being repeated',
    async (character) => {
      const value = `${key()}${character}x`;
      const refused = problemIn(await found({ environment: { ANTHROPIC_DIRECT_KEY: value } }));
      expect(refused).toHaveProperty('problem', expect.stringContaining('ANTHROPIC_DIRECT_KEY'));
      expect(JSON.stringify(refused)).not.toContain(value.slice(0, 20));
    },
  );
});

describe('a typed key', () => {
  it('loses the blanks around it and nothing else', () => {
    const value = key();
    expect(valueIn(typedSecret(`  ${value}\t`, 'anthropicKey')).reveal()).toBe(value);
  });

  it('that cannot be one is refused', () => {
    expect(problemIn(typedSecret('a b', 'foundryKey'))).toMatchObject({
      problem: expect.stringContaining('AZURE_API_KEY'),
    });
  });
});
