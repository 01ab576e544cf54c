import { describe, expect, it } from 'vitest';
import {
  adoptBashrc,
  adoptFish,
  disableLegacySetup,
  releaseBashrc,
  restored,
  retireFish,
} from '../../../../src/components/launchers/start-up-files/bashrc.ts';
import {
  fishBlock,
  fishEnvironment,
  fishWord,
  zshBlock,
  zshEnvironment,
} from '../../../../src/components/launchers/start-up-files/other-shells.ts';
import { handover } from '../../../../src/components/launchers/start-up-files/shells.ts';
import { fishVariables, universalVariables } from '../../../../src/env-trace/line-variables.ts';
import { launcherNames, layoutFor } from '../../../../src/layout.ts';
import { problemIn, valueIn } from '../../../value-in.ts';

const layout = layoutFor({ user: 'anna', uid: 1234, home: "/home/it's" });
const everything = { launchers: launcherNames, shellFunctions: true, mise: true, exportSecrets: true };
const nothing = { launchers: [], shellFunctions: false, mise: false, exportSecrets: false };

describe('what zsh and fish source', () => {
  it('puts the launchers into PATH for every shell, and more for people only', () => {
    const [zsh, fish] = [zshEnvironment(layout, nothing), fishEnvironment(layout, nothing)];
    expect(zsh).toContain(`PATH='/home/it'\\''s/.local/bin'`);
    expect(fish).toContain(`set -gx PATH '/home/it\\'s/.local/bin' $PATH`);
    expect(fish).not.toContain('Wanted by people');
    expect(zsh).toMatch(/interactive \]\]; then\n {2}fpath=\(\S+site-functions' \$\{fpath:#\S+\n/);
    for (const name of launcherNames) {
      expect(zshEnvironment(layout, everything)).toContain(`function ${name} {`);
      expect(fishEnvironment(layout, everything)).toContain(`function ${name};`);
    }
    const file = `'/home/it\\'s/claude-routing-install.mjs'`;
    expect(fishEnvironment(layout, everything)).toContain(
      `function claude-routing-install; node ${file} $argv; end; end`,
    );
    expect(zshEnvironment(layout, everything)).toContain('function claude-routing-install { node ');
  });

  it('is quoted as fish quotes', () => {
    expect(fishWord(String.raw`a'b\c`)).toBe(String.raw`'a\'b\\c'`);
    expect(fishWord('/home/anna/.local/bin')).toBe('/home/anna/.local/bin');
  });
});

describe('config.fish', () => {
  it.each([
    ['nothing of ours', 'set -gx EDITOR vi\nfunction claude-localx\nend\n# function claude-local\n', []],
    ['no final newline', 'alias ll ls', []],
    ['a text that looks like ours', "set x 'a\nalias claude-local y\n'\n", []],
    ['an alias', 'alias claude-local "claude --x"\n', ['line 1: the alias claude-local is commented out']],
    ['an abbreviation', "abbr -a claude-api 'x'\n", ['line 1: the abbreviation claude-api is commented out']],
    [
      'a function with blocks in it',
      'function claude-local --description "x"\n  if true\n    echo end\n  else if false\n  end\nend\necho\n',
      ['lines 1-6: a function of your own, claude-local, is commented out'],
    ],
    [
      'a function in one line',
      'function claude-api; claude $argv; end\n',
      ['line 1: a function of your own, claude-api, is commented out'],
    ],
  ])('gets the block and gives every byte back with %s', (_, current, notes) => {
    const once = valueIn(adoptFish(current, fishBlock(layout), 'config.fish'));
    expect(once.notes).toEqual(notes);
    expect(valueIn(adoptFish(once.text, fishBlock(layout), 'config.fish'))).toEqual({ text: once.text, notes: [] });
    expect(valueIn(releaseBashrc(once.text, 'claude-routing', 'config.fish'))).toBe(current);
  });

  it.each([
    ['among other commands', 'if true; alias claude-local x; end\n'],
    ['without an end', 'function claude-local\n  claude\n'],
  ])('is left to the person with a definition %s', (_, current) => {
    expect(problemIn(adoptFish(current, fishBlock(layout), 'config.fish'))).toMatchObject({
      problem: expect.stringMatching(/^config\.fish: line 1 has/),
      fix: expect.stringContaining('nano +1 config.fish'),
    });
  });
});

describe('.zshenv and what zsh reads after it', () => {
  const choices = { exportSecrets: false, mise: true };

  it('gets the block and gives every byte back', () => {
    const current = 'export EDITOR=vi';
    const once = valueIn(adoptBashrc(current, zshBlock(layout), choices, '~/.zshenv'));
    expect(valueIn(releaseBashrc(once.text, 'claude-routing', '~/.zshenv'))).toBe(current);
  });

  it("loses what stands in the launchers' way, without a block", () => {
    const current = 'alias claude-api="x"\neval "$(~/.local/bin/mise activate zsh)"\nclaude-local() {\n  claude\n}\n';
    const once = valueIn(disableLegacySetup(current, choices, '~/.zshrc'));
    expect(once.notes).toHaveLength(3);
    expect(restored(once.text)).toBe(current);
    expect(once.text).not.toContain('>>>');
  });
});

describe('a file of bash that hands over', () => {
  it.each([
    ['exec fish', { shell: 'fish', line: 1 }],
    ['a=1\n[ -x /usr/bin/zsh ] && exec /usr/bin/zsh -l', { shell: 'zsh', line: 2 }],
    ['if x; then exec "$(command -v fish)"; fi', { shell: 'fish', line: 1 }],
    ['SHELL=/bin/x exec env nu', { shell: 'nu', line: 1 }],
    ['exec 2>/dev/null\n# exec fish\necho "exec fish"', undefined],
  ])('%j', (text, found) => {
    expect(handover(text)).toEqual(found);
  });
});

describe('variables in files of fish', () => {
  it('are found with their reach, and without what is erased again', () => {
    const text = [
      'set -gx ANTHROPIC_BASE_URL https://one',
      'set ANTHROPIC_MODEL x',
      'function work; set -lx ANTHROPIC_AUTH_TOKEN t; end',
      'export ANTHROPIC_API_KEY="k"; set -e ANTHROPIC_BASE_URL',
      '# set -gx ANTHROPIC_MODEL y',
    ].join('\n');
    expect(fishVariables(text).map(({ name, line, reach, value }) => [name, line, reach, value.reveal()])).toEqual([
      ['ANTHROPIC_MODEL', 2, 'shell-only', 'x'],
      ['ANTHROPIC_AUTH_TOKEN', 3, 'in-function', 't'],
      ['ANTHROPIC_API_KEY', 4, 'exported', 'k'],
    ]);
    const kept = '# VERSION: 3.0\nSETUVAR --export ANTHROPIC_API_KEY:sk\\x2dab\nSETUVAR fish_color:x\n';
    expect(universalVariables(kept).map(({ name, line, value }) => [name, line, value.reveal()])).toEqual([
      ['ANTHROPIC_API_KEY', 2, 'sk-ab'],
    ]);
  });

  it.each([
    ['set -gx ANTHROPIC_API_KEY k\necho\n', 1],
    ["export ANTHROPIC_API_KEY='a b'\n", 1],
    ['set -gx OTHER k\n', 0],
  ])('are commented out and come back: %j', (text, count) => {
    const once = valueIn(retireFish(text, ['ANTHROPIC_API_KEY'], 'config.fish'));
    expect(once.notes).toHaveLength(count);
    expect(fishVariables(once.text)).toEqual([]);
    expect(restored(once.text)).toBe(text);
  });
});
