import { describe, expect, it } from 'vitest';
import { lineVariables, managerVariables, pamVariables } from '../../src/env-trace/line-variables.ts';
import {
  type FoundVariable,
  jsonKeys,
  listedProjects,
  settingsVariables,
} from '../../src/env-trace/settings-variables.ts';

function told(found: ReturnType<typeof settingsVariables>): readonly string[] {
  return found.ok ? lines(found.value) : [`${found.problem.line}: ${found.problem.fault}`];
}

function lines(found: readonly FoundVariable[]): readonly string[] {
  return found.map(({ name, value, line, setting }) =>
    `${line ?? ''} ${setting ? 'setting ' : ''}${name}=${value.reveal()}`.trim(),
  );
}

describe('a settings file', () => {
  it('gives what its env and its own keys say, with their lines', () => {
    const text = `{
  "permissions": { "allow": ["Bash(env:ANTHROPIC_MODEL)"], "env": { "ANTHROPIC_MODEL": "not this" } },
  "env": {
    "EDITOR": "vi",
    "ANTHROPIC_CUSTOM_HEADERS": "a: {\\"b\\": 1}",
    "ANTHROPIC_BASE_URL":
      "http://x",
    "CLAUDE_CODE_MAX_CONTEXT_TOKENS": 32768
  },
  "model": "opus", "apiKeyHelper": "echo hi"
}
`;
    expect(told(settingsVariables(text))).toEqual([
      '10 setting apiKeyHelper=echo hi',
      '10 setting model=opus',
      '5 ANTHROPIC_CUSTOM_HEADERS=a: {"b": 1}',
      '6 ANTHROPIC_BASE_URL=http://x',
      '8 CLAUDE_CODE_MAX_CONTEXT_TOKENS=32768',
    ]);
    expect(told(settingsVariables(text, false))).not.toContain('10 setting model=opus');
  });

  it.each<readonly [string, string, readonly string[]]>([
    ['a key twice', '{"env":{"ANTHROPIC_MODEL":"a",\n"ANTHROPIC_MODEL":"b"}}', ['2 ANTHROPIC_MODEL=b']],
    ['a key with an escape', '{"env":{"ANTHROPIC\\u005fMODEL":"a"}}', ['1 ANTHROPIC_MODEL=a']],
    ['a byte order mark and Windows line breaks', '\uFEFF{\r\n"env":{"ANTHROPIC_MODEL":"a"}}', ['2 ANTHROPIC_MODEL=a']],
    [
      'lists before it',
      '{"a":[{"env":{"ANTHROPIC_MODEL":"x"}},[1]],\n"env":{"ANTHROPIC_MODEL":"a"}}',
      ['2 ANTHROPIC_MODEL=a'],
    ],
    ['nothing', ' \n', []],
    ['no env', '{}', []],
    ['an env that is none', '{"env": ["ANTHROPIC_MODEL=a"]}', []],
    ['a comment', '{\n// ANTHROPIC\n"env":{}}', ['2: is not JSON']],
    ['a comma too much', '{\n"env":{"ANTHROPIC_MODEL":"sk-ant-1",\n}}', ['3: is not JSON']],
    ['an early end', '{\n"env":{', ['2: is not JSON']],
    ['a bare word', '{"env": sk-ant-secret}', ['1: is not JSON']],
    ['a list', '[]', ['1: is not a JSON object']],
  ])('with %s', (_, text, expected) => {
    expect(told(settingsVariables(text))).toEqual(expected);
  });

  it('of the client names the projects that it remembers', () => {
    expect(listedProjects('{"projects": {"/home/anna/a": {}, "/srv/b": {}}}')).toEqual(['/home/anna/a', '/srv/b']);
    expect(listedProjects('{')).toEqual([]);
    expect(listedProjects('{"projects": []}')).toEqual([]);
  });
});

describe('keys of a JSON text', () => {
  it('stand where they are, whatever strings look like', () => {
    const text = '{"a": "b:", "c": {\n"}": 1, "d": ["x", {"e": "{"}]},\n"f": "\\"g\\":"}';
    expect(jsonKeys(text).map(({ path, line }) => `${line} ${path.join('.')}`)).toEqual([
      '1 a',
      '1 c',
      '2 c.}',
      '2 c.d',
      '2 c.d.e',
      '3 f',
    ]);
  });
});

describe('files with one variable a line', () => {
  it('are read as their readers do', () => {
    const text = `# ANTHROPIC_MODEL=x\nANTHROPIC_MODEL="a b"\nexport ANTHROPIC_BASE_URL='c' # why\nDOCKER_HOST=unix://\${XDG_RUNTIME_DIR}/docker.sock\r\nEDITOR=vi\nANTHROPIC_DIRECT_KEY=x\n`;
    expect(lines(lineVariables(text))).toEqual([
      '2 ANTHROPIC_MODEL=a b',
      '3 ANTHROPIC_BASE_URL=c',
      '4 DOCKER_HOST=unix://${XDG_RUNTIME_DIR}/docker.sock',
    ]);
  });

  it('may be written for PAM', () => {
    expect(lines(pamVariables('ANTHROPIC_MODEL DEFAULT=a\nDOCKER_HOST OVERRIDE="b"\n'))).toEqual([
      '1 ANTHROPIC_MODEL=a',
      '2 DOCKER_HOST=b',
    ]);
  });

  it("may be what the user's manager prints, without lines", () => {
    expect(lines(managerVariables("HOME=/home/anna\nANTHROPIC_MODEL=$'a b'\n"))).toEqual(['ANTHROPIC_MODEL=a b']);
  });
});
