import { describe, expect, it } from 'vitest';
import { keyTrouble } from '../../../src/components/cloud/checks.ts';
import type { Problem } from '../../../src/problem.ts';

const secretsFile = '/home/anna/.config/claude-secrets.env';
const fix = 'wait a minute';

describe('a key that the Claude API does not take', () => {
  it.each<[code: Problem['code'], typed: string]>([
    ['claude-key-unknown', 'claude-routing-install secrets set ANTHROPIC_DIRECT_KEY'],
    ['claude-key-missing', 'claude-routing-install secrets set ANTHROPIC_DIRECT_KEY'],
    [undefined, fix],
  ])('is told by its code, whatever the words are (%s)', (code, typed) => {
    const problem = { problem: 'in any words.', fix, ...(code === undefined ? {} : { code }) };
    expect(keyTrouble({ secretsFile }, problem)).toMatchObject({ problem: 'in any words', fix: typed });
  });
});
