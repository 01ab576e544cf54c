import { describe, expect, it } from 'vitest';
import {
  type MergedSettings,
  mergeRoutedSettings,
  releaseRoutedSettings,
} from '../../../src/components/launchers/settings.ts';
import { problemIn, valueIn } from '../../value-in.ts';

const script = '/home/anna/.config/claude-routing/status-line.bash';
const own = { type: 'command', command: script, refreshInterval: 5 };

function merged(current: string | undefined, wanted = false): MergedSettings {
  const result = valueIn(mergeRoutedSettings(current, { script, wanted }));
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
    ['a byte order mark', '\uFEFF{"theme": "dark"}'],
  ])('keep every byte with %s', (_, current) => {
    expect(merged(current)).toEqual({ text: current, removed: [], statusLine: 'kept' });
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
      statusLine: 'kept',
    });
  });

  it('lose an env that held nothing else, and keep the final newline', () => {
    expect(merged('{\n  "env": {\n    "ANTHROPIC_MODEL": "x"\n  },\n  "theme": "dark"\n}\n').text).toBe(
      '{\n  "theme": "dark"\n}\n',
    );
  });

  it.each([
    ['a byte order mark', '\uFEFF', '\n'],
    ['line ends of Windows', '', '\r\n'],
  ])('keep %s when they change, and come back as they were', (_, mark, end) => {
    const before = `${mark}${['{', '  "theme": "dark"', '}', ''].join(end)}`;
    const { text } = merged(before, true);
    expect(text.startsWith(`${mark}${['{', '  "theme": "dark",', '  "statusLine": {', ''].join(end)}`)).toBe(true);
    expect(text.replaceAll(end, '')).not.toMatch(/[\r\n]/);
    expect(releaseRoutedSettings(text, script, before)).toBe(before);
  });

  it('are settled after one run', () => {
    const once = merged('{"env":{"ANTHROPIC_MODEL":"x","A":"b"}}').text;
    expect(merged(once)).toEqual({ text: once, removed: [], statusLine: 'kept' });
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
    expect(problemIn(mergeRoutedSettings(current, { script, wanted: true }))).toHaveProperty(
      'problem',
      expect.stringContaining(words),
    );
  });
});

describe('the status line', () => {
  it.each([undefined, '{"theme":"dark"}', '{\n  "env": {\n    "EDITOR": "vi"\n  }\n}\n'])(
    'is added to %j',
    (current) => {
      const { text, statusLine } = merged(current, true);
      expect([JSON.parse(text).statusLine, statusLine]).toEqual([own, 'set']);
      expect(merged(text, true)).toEqual({ text, removed: [], statusLine: 'kept' });
    },
  );

  it('of before 1.2 is run every five seconds, too; an interval of one’s own stays', () => {
    const { refreshInterval: _, ...former } = own;
    expect(JSON.parse(merged(JSON.stringify({ statusLine: former }), true).text).statusLine).toEqual(own);
    const chosen = JSON.stringify({ statusLine: { ...own, refreshInterval: 60 } });
    expect(merged(chosen, true)).toEqual({ text: chosen, removed: [], statusLine: 'kept' });
  });

  it('leaves what it was added to byte for byte when it is no longer chosen', () => {
    const before = '{\n    "theme": "dark",\n    "env": {\n        "EDITOR": "vi"\n    }\n}\n';
    const { text, statusLine } = merged(merged(before, true).text);
    expect([text, statusLine]).toEqual([before, 'removed']);
  });

  it.each([
    { type: 'command', command: '~/mine.sh' },
    { type: 'command', command: `${script}.old` },
    { type: 'command', command: `echo; ${script}` },
    'anything',
    null,
  ])("of the person's own is never touched: %j", (theirs) => {
    const current = JSON.stringify({ theme: 'dark', statusLine: theirs });
    expect(merged(current, true)).toEqual({ text: current, removed: [], statusLine: 'foreign' });
    expect(merged(current, false)).toEqual({ text: current, removed: [], statusLine: 'kept' });
  });

  it('comes along when variables have to go', () => {
    const { text, removed } = merged('{"env":{"ANTHROPIC_MODEL":"x"}}', true);
    expect([JSON.parse(text), removed]).toEqual([{ statusLine: own }, ['ANTHROPIC_MODEL']]);
  });

  it('is a word of the shell that runs it', () => {
    const odd = valueIn(mergeRoutedSettings(undefined, { script: "/home/o'neil b/x", wanted: true }));
    expect(JSON.parse(odd.text).statusLine.command).toBe(String.raw`'/home/o'\''neil b/x'`);
  });
});
