import { describe, expect, it } from 'vitest';
import { shellVariables } from '../../src/env-trace/shell-variables.ts';

/** Each place as `line name=value reach within`, with `~` where the shell would expand it. */
function told(text: string): readonly string[] {
  return shellVariables(text, '/home/anna').found.map(({ name, value, line, reach, within, unexpanded }) =>
    [
      `${line} ${name}=${value.reveal()}`,
      reach,
      ...(within === undefined ? [] : [`in ${within}`]),
      ...(unexpanded ? ['~'] : []),
    ].join(' '),
  );
}

describe('a shell file gives a variable its value', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['export', 'export ANTHROPIC_MODEL=x', ['1 ANTHROPIC_MODEL=x exported']],
    [
      'quotes',
      `export ANTHROPIC_MODEL="a b" ANTHROPIC_BASE_URL='c'\n`,
      ['1 ANTHROPIC_MODEL=a b exported', '1 ANTHROPIC_BASE_URL=c exported'],
    ],
    ['half quoted', 'export ANTHROPIC_MODEL=a"b"\'c\'\\d', ['1 ANTHROPIC_MODEL=abcd exported']],
    ['no export', 'ANTHROPIC_MODEL=x\n', ['1 ANTHROPIC_MODEL=x shell-only']],
    ['exported later', 'ANTHROPIC_MODEL=x\nexport ANTHROPIC_MODEL\n', ['1 ANTHROPIC_MODEL=x exported']],
    ['exported before', 'export ANTHROPIC_MODEL\nANTHROPIC_MODEL=x\n', ['2 ANTHROPIC_MODEL=x exported']],
    [
      'set -a',
      'set -a\nANTHROPIC_MODEL=x\nset +a\nANTHROPIC_BASE_URL=y',
      ['2 ANTHROPIC_MODEL=x exported', '4 ANTHROPIC_BASE_URL=y shell-only'],
    ],
    ['set -o allexport', 'set -o allexport; ANTHROPIC_MODEL=x', ['1 ANTHROPIC_MODEL=x exported']],
    ['declare -x', 'declare -x ANTHROPIC_MODEL=x', ['1 ANTHROPIC_MODEL=x exported']],
    ['declare -gx', 'declare -gx ANTHROPIC_MODEL=x', ['1 ANTHROPIC_MODEL=x exported']],
    ['declare', 'declare ANTHROPIC_MODEL=x', ['1 ANTHROPIC_MODEL=x shell-only']],
    ['behind a condition', 'if [ -t 0 ]; then export ANTHROPIC_MODEL=x; fi', ['1 ANTHROPIC_MODEL=x exported']],
    ['behind &&', '[ -f /x ] && export ANTHROPIC_MODEL=x # why', ['1 ANTHROPIC_MODEL=x exported']],
    [
      'over two lines',
      'export DOCKER_HOST=a \\\n  ANTHROPIC_MODEL=x',
      ['1 DOCKER_HOST=a exported', '2 ANTHROPIC_MODEL=x exported'],
    ],
    [
      'quotes over two lines',
      'export ANTHROPIC_CUSTOM_HEADERS="a: 1\nb: 2"\nexport DOCKER_HOST=a',
      ['1 ANTHROPIC_CUSTOM_HEADERS=a: 1\nb: 2 exported', '3 DOCKER_HOST=a exported'],
    ],
    [
      'expanded',
      'export DOCKER_HOST="unix:///run/user/$(id -u)/docker.sock"',
      ['1 DOCKER_HOST=unix:///run/user/$(id -u)/docker.sock exported ~'],
    ],
    ['single quotes hold a dollar', "export ANTHROPIC_MODEL='$x'", ['1 ANTHROPIC_MODEL=$x exported']],
    ['one command', 'ANTHROPIC_BASE_URL=x claude "$@"', ['1 ANTHROPIC_BASE_URL=x one-command']],
    ['env', 'exec env -u ANTHROPIC_API_KEY ANTHROPIC_MODEL=x claude', ['1 ANTHROPIC_MODEL=x one-command']],
    [
      'a function',
      'mine() {\n  ANTHROPIC_BASE_URL=x \\\n  ANTHROPIC_MODEL=y claude "$@"\n}\n',
      ['2 ANTHROPIC_BASE_URL=x one-command in mine', '3 ANTHROPIC_MODEL=y one-command in mine'],
    ],
    [
      'export in a function',
      'function mine {\n  export ANTHROPIC_MODEL=y\n}\nexport ANTHROPIC_MODEL=z',
      ['2 ANTHROPIC_MODEL=y in-function in mine', '4 ANTHROPIC_MODEL=z exported'],
    ],
    [
      'brace on its own line',
      'mine()\n{\n  export ANTHROPIC_MODEL=y\n}\nexport ANTHROPIC_MODEL=z',
      ['3 ANTHROPIC_MODEL=y in-function in mine', '5 ANTHROPIC_MODEL=z exported'],
    ],
    [
      'a subshell',
      '(export ANTHROPIC_MODEL=y; claude)\nexport ANTHROPIC_MODEL=z',
      ['1 ANTHROPIC_MODEL=y shell-only', '2 ANTHROPIC_MODEL=z exported'],
    ],
    [
      'a case',
      'case $TERM in\n  x*) export ANTHROPIC_MODEL=y ;;\nesac\nexport ANTHROPIC_MODEL=z',
      ['2 ANTHROPIC_MODEL=y exported', '4 ANTHROPIC_MODEL=z exported'],
    ],
    [
      'an alias',
      `alias a='ANTHROPIC_MODEL=x claude' b="export ANTHROPIC_MODEL=y; claude"`,
      ['1 ANTHROPIC_MODEL=x one-command in a', '1 ANTHROPIC_MODEL=y in-function in b'],
    ],
    [
      'no line break at the end, Windows line breaks',
      'export ANTHROPIC_MODEL=x\r\nexport DOCKER_HOST=y',
      ['1 ANTHROPIC_MODEL=x exported', '2 DOCKER_HOST=y exported'],
    ],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it.each<readonly [string, string]>([
    ['comments', '# export ANTHROPIC_MODEL=x\n  # ANTHROPIC_MODEL=x\ntrue # ANTHROPIC_MODEL=x'],
    ['here-documents', "cat <<'EOF'\nexport ANTHROPIC_MODEL=x\nEOF\ncat <<-END\n\tANTHROPIC_MODEL=x\n\tEND\n"],
    ['a text', 'echo "\nexport ANTHROPIC_MODEL=x\n"'],
    ['words of other commands', 'echo ANTHROPIC_MODEL=x; grep -q ANTHROPIC_MODEL=x ~/.bashrc'],
    ['unset', 'unset ANTHROPIC_MODEL\nunset -v ANTHROPIC_API_KEY DOCKER_HOST'],
    ['what is unset again', 'export ANTHROPIC_MODEL=x\nunset ANTHROPIC_MODEL'],
    ['export without a value', 'export ANTHROPIC_MODEL'],
    ['other names', 'export EDITOR=vi MY_ANTHROPIC_MODEL=x ANTHROPIC_DIRECT_KEY=x'],
  ])('and not by %s', (_, text) => {
    expect(told(text)).toEqual([]);
  });

  it('still counts what only a function unsets', () => {
    expect(told('export ANTHROPIC_MODEL=x\nclean() { unset ANTHROPIC_MODEL; }')).toEqual([
      '1 ANTHROPIC_MODEL=x exported',
    ]);
  });

  it('names the files that it sources by a plain path', () => {
    const text =
      '. ~/a\n[ -r "$HOME/b" ] && source "$HOME/b"\nif [ -f /etc/c ]; then\n . /etc/c\nfi\n. "$i"\n. /etc/profile.d/*.sh\n# . ~/d\n. ~/a\nset -a; . ~/e; set +a';
    expect(shellVariables(text, '/home/anna').sourced).toEqual([
      { path: '/home/anna/a', exported: false },
      { path: '/home/anna/b', exported: false },
      { path: '/etc/c', exported: false },
      { path: '/home/anna/e', exported: true },
    ]);
    expect(shellVariables('ANTHROPIC_API_KEY=x', '/home/anna', { exported: true }).found[0]?.reach).toBe('exported');
  });
});
