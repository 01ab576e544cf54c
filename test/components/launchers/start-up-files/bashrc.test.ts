import { describe, expect, it } from 'vitest';
import {
  adoptBashrc,
  findAliases,
  releaseBashrc,
  restored,
  retireAliases,
  retireAssignments,
  retireVariables,
} from '../../../../src/components/launchers/start-up-files/bashrc.ts';
import { debianLike, guideFunctions, guideLines } from '../../../render/guide-bashrc.ts';
import { run } from '../../../render/scratch.ts';
import { problemIn, valueIn } from '../../../value-in.ts';

const block = { name: 'claude-routing', at: 'start' as const, lines: [': ours'] };
const head = '# >>> claude-routing >>>\n: ours\n# <<< claude-routing <<<\n';
const choices = { exportSecrets: false, mise: true };

function adopted(current: string, options = choices): { text: string; notes: readonly string[] } {
  const result = valueIn(adoptBashrc(current, block, options));
  return result;
}

/** Every law that holds for every file that is not refused. */
async function keepsTheLaws(current: string, options = choices): Promise<{ text: string; notes: readonly string[] }> {
  const once = adopted(current, options);
  const twice = adopted(once.text, options);
  expect(twice.text).toBe(once.text);
  expect(valueIn(releaseBashrc(once.text, 'claude-routing'))).toBe(current);
  const before = await syntax(current);
  if (before === '') expect(await syntax(once.text)).toBe('');
  return once;
}

async function syntax(text: string): Promise<string> {
  return (await run('bash', ['-n'], { input: text, env: { PATH: '/usr/bin:/bin' } })).stderr;
}

describe('a ~/.bashrc that knows nothing of the guide', () => {
  it.each([
    ['is empty', ''],
    ['is Debian-like', debianLike],
    ['has no final newline', 'alias ll="ls -l"'],
    ['has Windows line ends', 'a=1\r\nb=2\r\n'],
    [
      'mentions the launchers',
      '# claude-routed() { }\nalias x="claude-routed -p"\necho claude-local() \n: "alias claude-routed=1"\n',
    ],
    ['has a PATH of its own', 'export PATH="$HOME/bin:/usr/bin:$PATH"\nexport DOCKER_HOST=ssh://box\n'],
    ['has functions with similar names', 'claude-routed-test() { :; }\nmy-claude-local() { :; }\n'],
    ['has the guide in a here-document', `cat <<'EOF' >/dev/null\n${guideLines}${guideFunctions}EOF\n`],
    ['has the guide in quotes', `x='\nalias claude-routed=1\nexport PATH=/usr/bin:$PATH\n'\n`],
    ['shifts bits and takes here-strings', 'x=$((1<<4))\n((y = x <<2))\nread -r z <<<EOF\nfor i in 1; do :; done\n'],
  ])('gets the block and keeps every byte when it %s', async (_, current) => {
    expect(await keepsTheLaws(current)).toEqual({ text: head + current, notes: [] });
  });
});

describe('what the guide had a person add', () => {
  it('is commented out, line for line, and named', async () => {
    const { text, notes } = await keepsTheLaws(debianLike + guideLines + guideFunctions);
    const first = debianLike.split('\n').length;
    expect(notes).toEqual([
      `line ${first}: the line that puts /usr/bin first in PATH is commented out`,
      `line ${first + 1}: the DOCKER_HOST line, which the block replaces, is commented out`,
      `line ${first + 2}: the mise line, which the block replaces, is commented out`,
      `line ${first + 3}: the line that loads every key into every shell is commented out`,
      `lines ${first + 4}-${first + 14}: the guide's function claude-routed is commented out`,
      `lines ${first + 15}-${first + 25}: the guide's function claude-local is commented out`,
    ]);
    expect(text.startsWith(head + debianLike)).toBe(true);
    const rest = text
      .slice(head.length + debianLike.length)
      .split('\n')
      .slice(0, -1);
    expect(rest.filter((line) => !/^(: )?#claude-routing# /.test(line))).toEqual([]);
  });

  it('goes as often as it is there', async () => {
    const { notes } = await keepsTheLaws(guideLines + guideLines + guideFunctions + guideFunctions);
    expect(notes).toHaveLength(12);
  });

  it('keeps mise where the block does not activate it', async () => {
    const { text, notes } = await keepsTheLaws(guideLines, { exportSecrets: true, mise: false });
    expect(text).toContain('\neval "$(~/.local/bin/mise activate bash)"\n');
    expect(notes).toHaveLength(3);
    expect(notes[2]).toContain('loads the keys, which the block replaces');
  });

  it('is found with Windows line ends', async () => {
    const { notes } = adopted((guideLines + guideFunctions).replaceAll('\n', '\r\n'));
    expect(notes).toHaveLength(6);
  });

  it.each([
    'export PATH="/usr/bin:$PATH"',
    'export DOCKER_HOST="unix:///run/user/1000/docker.sock"  # rootless',
    '  export DOCKER_HOST=unix:///run/user/$UID/docker.sock',
    'eval "$($HOME/.local/bin/mise activate bash)"',
    '. ~/.config/claude-secrets.env',
    'set -a; source "$HOME/.config/claude-secrets.env"; set +a',
    'if [ -f ~/.config/claude-secrets.env ]; then . ~/.config/claude-secrets.env; fi',
  ])('is recognised when written as %s', async (line) => {
    expect((await keepsTheLaws(`${line}\n`)).notes).toHaveLength(1);
  });

  it.each([
    'export PATH=/usr/bin:$PATH:/opt/x/bin',
    'export DOCKER_HOST=unix:///run/user/1000/podman/podman.sock',
    'eval "$(mise activate bash)"; export X=1',
  ])('is not taken for it: %s', async (line) => {
    expect((await keepsTheLaws(`${line}\n`)).notes).toEqual([]);
  });

  it('is mentioned and left when it reads the keys in another way', async () => {
    const current = 'export $(grep -v ^# ~/.config/claude-secrets.env)\n';
    expect(await keepsTheLaws(current)).toEqual({
      text: head + current,
      notes: ['line 1: reads the keys in a way of its own and is left as it is'],
    });
  });

  it('leaves a command where one has to stand', async () => {
    await keepsTheLaws(
      'if true; then\n  alias claude-routed="claude"\nfi\nif true; then\n  . ~/.config/claude-secrets.env\nfi\n',
    );
  });

  it('mentions an ANTHROPIC_API_KEY without its value and leaves it', async () => {
    const { text, notes } = await keepsTheLaws('export ANTHROPIC_API_KEY=sk-ant-canary\n');
    expect(text).toContain('\nexport ANTHROPIC_API_KEY=sk-ant-canary\n');
    expect(notes).toEqual([expect.stringMatching(/^line 1: ANTHROPIC_API_KEY is left/)]);
    expect(notes.join()).not.toContain('canary');
  });
});

describe('a launcher that somebody wrote or changed', () => {
  it.each([
    ['on one line', 'claude-routed() { claude --model x "$@"; }\n', 'line 1'],
    ['with function', 'function claude-local {\n  claude "$@"\n}\n', 'lines 1-3'],
    ['with function and parentheses', 'function claude-local() {\n  claude "$@"\n}\n', 'lines 1-3'],
    ['with the brace on its own line', 'claude-offline ()\n{\n  claude "$@"\n}\n', 'lines 1-4'],
    [
      'with braces inside',
      `claude-api() {\n  if true; then { echo "}"; }; fi\n  x=\${y:-"}"}\n  claude "$@" # }\n}\n`,
      'lines 1-5',
    ],
    ['with a here-document inside', 'claude-api() {\n  cat <<-X\n}\n\tX\n  claude\n} # end\n', 'lines 1-6'],
    ['inside an if', 'if true; then\n  claude-routed() {\n    claude\n  }\nfi\n', 'lines 2-4'],
  ])('is commented out %s', async (_, current, where) => {
    const { notes } = await keepsTheLaws(current);
    expect(notes).toEqual([
      expect.stringMatching(new RegExp(`^${where}: a function of your own, claude-\\w+ is commented`)),
    ]);
  });

  it("is told apart from the guide's", async () => {
    const changed = guideFunctions.replace('claude "$@"', 'claude --verbose "$@"');
    const { notes } = await keepsTheLaws(changed);
    expect(notes.map((note) => note.includes("the guide's"))).toEqual([false, true]);
  });

  it.each([
    ['never ends', 'claude-routed() {\n  claude "$@"\n'],
    ['has something behind its end', 'claude-routed() {\n  claude "$@"\n} && echo loaded\n'],
    ['ends in a line with other commands', 'claude-routed() {\n  claude "$@"; }\n'],
    ['has a body without braces', 'claude-routed() (\n  claude "$@"\n)\n'],
    ['prints a lone brace', 'claude-routed() {\n  echo }\n  claude\n}\n'],
  ])('is left to the person when it %s', (_, current) => {
    expect(problemIn(adoptBashrc(current, block, choices))).toEqual({
      code: 'start-up-file-unclear',
      problem: expect.stringMatching(/^~\/\.bashrc: line 1 has a function claude-routed/),
      fix: expect.stringContaining('nano +1 ~/.bashrc'),
    });
  });
});

describe('an alias with the name of a launcher', () => {
  it.each([
    'alias claude-routed="CLAUDE_CONFIG_DIR=$HOME/.claude-routed claude"',
    "alias claude-local='claude --model local' # mine",
    "  alias 'claude-routed=claude'",
    'alias claude-routed=claude claude-local=claude',
    'builtin alias claude-api=claude',
    "alias claude-routed='claude --x' \\\n  claude-local=claude",
    "alias claude-routed='claude \\\n --x'",
  ])('is commented out: %s', async (line) => {
    const { notes } = await keepsTheLaws(`a=1\n${line}\nb=2\n`);
    expect(notes).toEqual([expect.stringMatching(/^lines? 2(-3)?: the alias claude-/)]);
  });

  it.each([
    'alias ll=ls claude-routed=claude',
    '[ -x /usr/bin/claude ] && alias claude-routed=claude',
    'alias claude-routed=claude; echo done',
    'if true; then alias claude-local=claude; fi',
  ])('is left to the person among other commands: %s', (line) => {
    expect(problemIn(adoptBashrc(`${line}\n`, block, choices))).toHaveProperty(
      'problem',
      expect.stringContaining('line 1 has an alias'),
    );
  });

  it('no longer breaks the definition of the function', async () => {
    const conflict = `alias claude-routed='claude --old'\n${guideFunctions}echo reached\n`;
    const shell = (text: string): ReturnType<typeof run> =>
      run('bash', ['-O', 'expand_aliases'], { input: text, env: { PATH: '/usr/bin:/bin' } });
    expect((await shell(conflict)).stderr).toContain('syntax error');
    expect(await shell(adopted(conflict).text)).toEqual({ exitCode: 0, stdout: 'reached\n', stderr: '' });
  });

  it('is found in other files, and comes and goes there', () => {
    const file = "alias ll='ls -l'\nalias claude-routed='claude'\n# alias claude-local=x\n";
    expect(findAliases(file)).toEqual([{ line: 2, name: 'claude-routed' }]);
    const retired = valueIn(retireAliases(file, '~/.bash_aliases'));
    expect(findAliases(retired.text)).toEqual([]);
    expect(restored(retired.text)).toBe(file);
  });
});

describe('a file in which bash itself would stumble', () => {
  it('is refused when what comes after an open quotation could be ours', () => {
    expect(problemIn(adoptBashrc(`x='open\n${guideFunctions}`, block, choices))).toEqual({
      code: 'start-up-file-unclear',
      problem: '~/.bashrc: line 1 opens a quotation or here-document that never ends',
      fix: expect.stringContaining('bash -n'),
    });
  });

  it('gets the block when nothing of ours can be meant', () => {
    expect(adopted("x='open\ny=1\n").text).toBe(`${head}x='open\ny=1\n`);
  });

  it('is refused when the block in it is broken', () => {
    expect(problemIn(adoptBashrc('# >>> claude-routing >>>\n', block, choices))).toHaveProperty(
      'problem',
      expect.stringContaining('never ends'),
    );
  });
});

describe('variables that are commented out', () => {
  const names = ['ANTHROPIC_API_KEY', 'ANTHROPIC_MODEL'];
  it.each([
    ['exported', 'a=1\nexport ANTHROPIC_API_KEY=sk-x\nb=2\n'],
    ['quoted, with a comment, without a last line break', "export ANTHROPIC_API_KEY='sk x' # mine"],
    ['assigned, then exported', 'ANTHROPIC_API_KEY=x; export ANTHROPIC_API_KEY\n'],
    ['the only command of an if', 'if true; then\n  export ANTHROPIC_MODEL=x\nfi\n'],
    ['with a DOS line break', 'export ANTHROPIC_MODEL=x\r\necho\r\n'],
  ])('%s', async (_, text) => {
    const once = valueIn(retireVariables(text, names, '~/.profile'));
    expect(once.notes).toHaveLength(1);
    expect(valueIn(retireVariables(once.text, names, '~/.profile'))).toEqual({ text: once.text, notes: [] });
    expect(restored(once.text)).toBe(text);
    expect(await syntax(once.text)).toBe('');
    const told = await run('bash', ['-c', `${once.text}\necho "\${ANTHROPIC_API_KEY-}\${ANTHROPIC_MODEL-}"`], {
      env: { PATH: '/usr/bin:/bin' },
    });
    expect(told.stdout.trim()).toBe('');
  });

  it.each([
    ['a comment', '# export ANTHROPIC_API_KEY=x\n'],
    ['another name that ends alike', 'export MY_ANTHROPIC_API_KEY=x\n'],
    ['text', "echo 'it is export\nANTHROPIC_API_KEY=x'\n"],
  ])('not in %s', (_, text) => {
    expect(valueIn(retireVariables(text, names, '~/.profile'))).toEqual({ text, notes: [] });
  });

  it.each([
    ['among other commands', 'if true; then export ANTHROPIC_API_KEY=x; fi\n'],
    ['beside another variable', 'export PATH=/bin ANTHROPIC_API_KEY=x\n'],
    ['for one command', 'ANTHROPIC_API_KEY=x claude\n'],
    ['continued in the next line', 'export ANTHROPIC_API_KEY=a\\\nb\n'],
    ['from a program', 'export ANTHROPIC_API_KEY=$(pass show key)\n'],
  ])('by hand %s', (_, text) => {
    expect(problemIn(retireVariables(text, names, '~/.profile'))).toEqual({
      code: 'start-up-file-unclear',
      problem: '~/.profile: line 1 has ANTHROPIC_API_KEY among other commands',
      fix: 'remove it by hand (nano +1 ~/.profile), then run again',
    });
  });

  it('in a file of plain assignments', () => {
    const text = 'A=1\nANTHROPIC_API_KEY=x\n';
    const once = retireAssignments(text, names);
    expect(once).toEqual({ text: 'A=1\n#claude-routing# ANTHROPIC_API_KEY=x\n', notes: ['line 2 is commented out'] });
    expect(retireAssignments(once.text, names)).toEqual({ text: once.text, notes: [] });
    expect(restored(once.text)).toBe(text);
  });
});
