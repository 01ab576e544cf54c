import { describe, expect, it } from 'vitest';
import { keyTrouble } from '../../../src/components/cloud/checks.ts';
import type { ProblemCode } from '../../../src/problem-codes/index.ts';

const secretsFile = '/home/anna/.config/claude-secrets.env';
const fix = 'wait a minute';

describe('a key that the Claude API does not take', () => {
  it.each<[code: ProblemCode, typed: string]>([
    ['cloud-key-refused', 'claude-routing-install secrets set ANTHROPIC_DIRECT_KEY'],
    ['key-missing', 'claude-routing-install secrets set ANTHROPIC_DIRECT_KEY'],
    ['cloud-rate-limit', fix],
  ])('is told by its code, whatever the words are (%s)', (code, typed) => {
    const problem = { code, problem: 'in any words.', fix };
    expect(keyTrouble({ secretsFile }, problem)).toMatchObject({ code, problem: 'in any words', fix: typed });
  });
});
