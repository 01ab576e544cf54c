import { describe, expect, it } from 'vitest';
import { cloudModelIdProblem, localModelIdProblem, shownModelId } from '../../src/config/model-id.ts';

describe('an id that a local server lists', () => {
  it.each([
    'qwen/qwen3.6-35b-a3b',
    'my model',
    ' ',
    'größe',
    '日本語',
    'emoji😀',
    `it's "quoted"`,
    '$HOME `id` $(id) \\',
    'a: b #c',
    '- x',
    '--help',
    '{x} [y] *z* &a !b %s',
    'os.environ/HOME',
    'lm_studio/lm_studio/x',
    '../../etc',
    'a,b;c',
    '123',
    'x'.repeat(300),
  ])('can be used: %j', (id) => {
    expect(localModelIdProblem(id)).toBeUndefined();
    expect(shownModelId(id)).toBe(id.length > 80 ? `${id.slice(0, 79)}…` : id);
  });

  it.each([
    ['', 'is empty', ''],
    ['x'.repeat(301), 'longer than 300', `${'x'.repeat(79)}…`],
    ['two\nlines', 'a line break', 'two\\u000alines'],
    ['two\u2028lines', 'a line break', 'two\\u2028lines'],
    ['red\u001b[31m', 'a control character', 'red\\u001b[31m'],
    ['nul\u0000', 'a control character', 'nul\\u0000'],
    ['turned\u202eround', 'a control character', 'turned\\u202eround'],
    ['half\ud800', 'has an invalid character in it', 'half\\ud800'],
  ])('is refused in words: %j', (id, problem, shown) => {
    expect(localModelIdProblem(id)).toContain(problem);
    expect(shownModelId(id)).toBe(shown);
  });
});

describe('an id of a cloud', () => {
  it.each(['claude-sonnet-4-6', 'claude-haiku-4-5-20251001', 'anthropic.claude-v2:1', 'my_deployment', 'model@date'])(
    'can be used: %s',
    (id) => expect(cloudModelIdProblem(id)).toBeUndefined(),
  );

  // A slash would give it the name of another provider at the gateway, a star make a pattern of it.
  it.each(['', 'my model', 'größe', 'lm_studio/x', 'claude-*', 'a,b', '$x', '{x}', '-x', 'a\nb', '#x', 'x'.repeat(91)])(
    'is refused in words: %j',
    (id) => expect(cloudModelIdProblem(id)).toMatch(/^(is|may) /),
  );
});
