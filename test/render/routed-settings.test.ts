import { describe, expect, it } from 'vitest';
import { mergeRoutedSettings } from '../../src/render/routed-settings.ts';

function merged(current: string | undefined): { text: string; removed: readonly string[] } {
  const result = mergeRoutedSettings(current);
  if ('problem' in result) throw new Error(result.problem);
  return result;
}

describe('settings of the routed configuration', () => {
  it.each([undefined, '', ' \n'])('are made when there are none (%j)', (current) => {
    expect(JSON.parse(merged(current).text)).toEqual({ effortLevel: 'high', theme: 'auto' });
  });

  it.each([
    ['nothing to remove', '{ "theme":"dark",\t"effortLevel" : "low"}'],
    ['a model, which /model itself writes', '{\n    "model": "opus"\n}\n'],
    ['variables that route nothing', '{"env":{"EDITOR":"vi","CLAUDE_CODE_HIDE_CWD":"1"}}'],
    ['Windows line ends', '{\r\n  "theme": "dark"\r\n}\r\n'],
    ['an empty env', '{"env": {}}'],
  ])('keep every byte with %s', (_, current) => {
    expect(merged(current)).toEqual({ text: current, removed: [] });
  });

  it.each([
    ['two blanks', 2],
    ['four blanks', 4],
    ['a tab', '\t'],
    ['one line', 0],
  ])('lose their routing variables and nothing else, indented by %s', (_, indent) => {
    const before = {
      theme: 'dark',
      env: { ANTHROPIC_BASE_URL: 'http://elsewhere', EDITOR: 'vi', CLAUDE_CODE_USE_BEDROCK: '1' },
      permissions: { allow: ['Bash(ls:*)'] },
      model: 'opus',
    };
    const after = { ...before, env: { EDITOR: 'vi' } };
    expect(merged(JSON.stringify(before, undefined, indent))).toEqual({
      text: JSON.stringify(after, undefined, indent),
      removed: ['ANTHROPIC_BASE_URL', 'CLAUDE_CODE_USE_BEDROCK'],
    });
  });

  it('lose an env that held nothing else, and keep the final newline', () => {
    expect(merged('{\n  "env": {\n    "ANTHROPIC_MODEL": "x"\n  },\n  "theme": "dark"\n}\n').text).toBe(
      '{\n  "theme": "dark"\n}\n',
    );
  });

  it('are settled after one run', () => {
    const once = merged('{"env":{"ANTHROPIC_MODEL":"x","A":"b"}}').text;
    expect(merged(once)).toEqual({ text: once, removed: [] });
  });

  it.each([
    ['{\n  "theme": dark\n}', 'line 2'],
    ['{\n  "a": 1,\n}\n', 'line 3'],
    ['{\n  // no comments\n}', 'line 2'],
    ['{\n  "a": 1\n', 'line 3'],
    ['{\n  "a": 1\n  "b": 2\n}', 'line 3'],
    ['hello', 'line 1'],
    ['[1]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{"env": "x"}', '"env" is not an object'],
  ])('are reported when they cannot be read: %j', (current, words) => {
    expect(mergeRoutedSettings(current)).toHaveProperty('problem', expect.stringContaining(words));
  });
});
