import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  readSecrets,
  releaseSecrets,
  renderSecrets,
  secretsFileProblems,
  withApiKeyRenamed,
} from '../../../src/components/secrets-file/secrets-env.ts';
import { Secret } from '../../../src/host/secret.ts';
import { problemIn, valueIn } from '../../value-in.ts';

const value = `sk-${randomBytes(16).toString('hex')}`;
const path = '/home/anna/.config/claude-secrets.env';
const gatewayKey = new Secret(value);

function rendered(current: string | undefined, secrets: Parameters<typeof renderSecrets>[1]): string {
  const result = valueIn(renderSecrets(current, secrets));
  return result.reveal();
}

describe('the secrets file', () => {
  it('is made with a heading and the keys that there are', () => {
    const text = rendered(undefined, { gatewayKey, foundryKey: new Secret('az1') });
    expect(text.startsWith('# ')).toBe(true);
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      `LITELLM_MASTER_KEY=${value}`,
      'AZURE_API_KEY=az1',
    ]);
    expect(rendered(text, { gatewayKey, foundryKey: new Secret('az1') })).toBe(text);
  });

  it('keeps foreign lines, comments and keys that are not asked for', () => {
    const before = `# mine\nFOO="a b"\nANTHROPIC_DIRECT_KEY=old # keep\n\nLITELLM_MASTER_KEY=x\n`;
    expect(rendered(before, { gatewayKey })).toBe(
      `# mine\nFOO="a b"\nANTHROPIC_DIRECT_KEY=old # keep\n\nLITELLM_MASTER_KEY=${value}\n`,
    );
  });

  it('gives back what was put in', () => {
    const secrets = {
      gatewayKey,
      anthropicKey: new Secret('sk-ant-1'),
      foundryKey: new Secret('f'),
      localModelToken: new Secret('t'),
    };
    const found = readSecrets(rendered(undefined, secrets));
    for (const [name, secret] of Object.entries(secrets))
      expect(found[name as keyof typeof secrets]?.equals(secret)).toBe(true);
  });

  it('takes a value that cannot be used for none', () => {
    expect(readSecrets('LITELLM_MASTER_KEY=\nAZURE_API_KEY="a b"\n')).toEqual({});
  });

  it('refuses a key that its readers would take differently, without showing it', () => {
    const result = problemIn(renderSecrets(undefined, { gatewayKey: new Secret(`${value} ${value}`) }));
    expect(result).toHaveProperty('problem', expect.stringContaining('LITELLM_MASTER_KEY has a blank'));
    expect(JSON.stringify(result)).not.toContain(value);
  });

  it('does not show what it holds when it is printed', () => {
    const result = valueIn(renderSecrets(undefined, { gatewayKey }));
    expect(inspect(result) + JSON.stringify(result) + String(result)).not.toContain(value);
  });
});

describe('an ANTHROPIC_API_KEY in it', () => {
  it.each([
    ['ANTHROPIC_API_KEY=sk-ant-1\nB=2\n', 'ANTHROPIC_DIRECT_KEY=sk-ant-1\nB=2\n'],
    ['export ANTHROPIC_API_KEY="sk-ant-1" # mine', 'export ANTHROPIC_DIRECT_KEY="sk-ant-1" # mine'],
    ['ANTHROPIC_API_KEY=k\nANTHROPIC_DIRECT_KEY=k\n', 'ANTHROPIC_DIRECT_KEY=k\n'],
  ])('is a problem until it has its safe name: %j', (before, after) => {
    expect(secretsFileProblems(before, path)).toEqual([
      {
        code: 'api-key-set',
        problem: expect.stringContaining('paid billing'),
        fix: expect.stringContaining('rename it'),
      },
    ]);
    expect(withApiKeyRenamed(before)).toBe(after);
    expect(secretsFileProblems(after, path)).toEqual([]);
  });

  it('is left to the person when the safe name has another value', () => {
    const text = 'ANTHROPIC_API_KEY=a\nANTHROPIC_DIRECT_KEY=b\n';
    expect(withApiKeyRenamed(text)).toBe(text);
    expect(secretsFileProblems(text, path)).toEqual([
      { code: 'api-key-set', problem: expect.any(String), fix: expect.stringContaining('a different value') },
    ]);
  });

  it('is not taken for one in a comment', () => {
    expect(secretsFileProblems('# ANTHROPIC_API_KEY=x\nLITELLM_MASTER_KEY=y\n', path)).toEqual([]);
  });
});

it('reports values of ours that cannot be used', () => {
  expect(secretsFileProblems("LITELLM_MASTER_KEY='a$b'\nAZURE_API_KEY=\n", path)).toEqual([
    {
      code: 'key-malformed',
      problem: expect.stringContaining('LITELLM_MASTER_KEY has a dollar sign'),
      fix: expect.any(String),
    },
  ]);
});

describe('a file that its readers do not take alike', () => {
  it.each<[text: string, problem: string, fix: string]>([
    ['# mine\nKeys:\nLITELLM_MASTER_KEY=y\n', `line 2 of ${path} is not NAME=value`, `sed -i '2s/^/# /' ${path}`],
    ['A=1\r\nLITELLM_MASTER_KEY=y\r\n', `line 1 of ${path} has a carriage return`, `sed -i 's/\\r$//' ${path}`],
    ['\uFEFFLITELLM_MASTER_KEY=y\n', 'begins with a byte order mark', `sed -i '1s/^\\xEF\\xBB\\xBF//' ${path}`],
    ['LITELLM_MASTER_KEY="a$b"\n', 'LITELLM_MASTER_KEY a value that has a $', `nano +1 ${path}`],
  ])('is refused with its first such line: %j', (text, problem, fix) => {
    expect(secretsFileProblems(text, path)[0]).toEqual({
      code: 'secrets-file-unclear',
      problem: expect.stringContaining(problem),
      fix: expect.stringContaining(fix),
    });
  });

  it.each([
    ['Keys:\nLITELLM_MASTER_KEY=y\nMINE=1\n', 'Keys:\nMINE=1\n'],
    ["MINE='x\nLITELLM_MASTER_KEY=y\n'\nLITELLM_MASTER_KEY=z\n", "MINE='x\nLITELLM_MASTER_KEY=y\n'\n"],
    ["MINE=it's\nLITELLM_MASTER_KEY=z\nX=isn't\n", "MINE=it's\nLITELLM_MASTER_KEY=z\nX=isn't\n"],
  ])('loses our assignments and no line of another value: %j', (text, left) => {
    expect(releaseSecrets(text, undefined)).toBe(left);
  });
});
