import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  adoptBashrc,
  hasDisabledLine,
  releaseBashrc,
  restored,
  retireAliases,
  retireAssignments,
  retireVariables,
} from '../../src/components/launchers/start-up-files/bashrc.ts';
import { readAnswer } from '../../src/config/answers-file.ts';
import { setOption } from '../../src/config/set-option.ts';
import { success } from '../../src/problem.ts';
import { removeBlock, upsertBlock } from '../../src/shell/block.ts';
import { shellCommands } from '../../src/shell/commands.ts';
import { shellLines } from '../../src/shell/lines.ts';
import { shellWord } from '../../src/shell/word.ts';
import { valueIn } from '../value-in.ts';
import { anyFileText, fc, fewer } from './runs.ts';

const block = { name: 'claude-routing', lines: ['export A=1', ': two'] };
const name = block.name;

/** Pieces of start-up files: what the guide teaches, what people write, and what looks like it within quotes. */
const piece = fc.oneof(
  anyFileText,
  fc.constantFrom(
    'claude-local() {\n  ANTHROPIC_BASE_URL="http://x" \\\n  claude "$@"\n}\n',
    'function claude-routed { claude; }\n',
    "alias claude-local='claude'\n",
    "alias claude-local='a\nb' ll='ls'\n",
    'if true; then alias claude-api=x; fi\n',
    'export PATH="/usr/bin:$PATH"\n',
    'eval "$(~/.local/bin/mise activate bash)"\n',
    '[ -f ~/.config/claude-secrets.env ] && set -a && . ~/.config/claude-secrets.env && set +a\n',
    'export ANTHROPIC_BASE_URL=http://x\n',
    'ANTHROPIC_BASE_URL="a\nb"\n',
    'cat <<EOF\nclaude-local() {\nEOF\n',
    "cat <<-'E' <<F\n\tE\nF\n",
    'x="\nalias claude-local=y\n"\n',
    'a \\\nb\n',
    '# comment\r\n',
    '\n',
  ),
);
const startUpFile = fc
  .array(piece, { maxLength: 12 })
  .map((pieces) => pieces.join(''))
  .filter((text) => !hasDisabledLine(text) && !text.includes(`>>> ${name}`) && !text.includes(`<<< ${name}`));

describe('a start-up file of anybody', () => {
  it('is its lines, and its commands end', () => {
    fc.assert(
      fc.property(startUpFile, (text) => {
        expect(
          shellLines(text)
            .lines.map((line) => line.text + line.end)
            .join(''),
        ).toBe(text);
        expect(shellCommands(text)).toBeInstanceOf(Array);
      }),
    );
  });

  it('comes back byte for byte from being adopted, and adopting twice is adopting once', () => {
    const choices = fc.record({ exportSecrets: fc.boolean(), mise: fc.boolean() });
    const at = fc.constantFrom('start' as const, 'end' as const);
    fc.assert(
      fc.property(startUpFile, choices, at, (text, chosen, place) => {
        const once = adoptBashrc(text, { ...block, at: place }, chosen);
        if (!once.ok) return;
        const { text: adopted } = once.value;
        expect(valueIn(adoptBashrc(adopted, { ...block, at: place }, chosen))).toMatchObject({ text: adopted });
        expect(valueIn(releaseBashrc(adopted, name))).toBe(text);
      }),
    );
  });

  it('comes back byte for byte from aliases and variables commented out', () => {
    const names = ['ANTHROPIC_BASE_URL', 'A'];
    fc.assert(
      fc.property(startUpFile, (text) => {
        for (const edit of [
          retireAliases(text, 'f'),
          retireVariables(text, names, 'f'),
          success(retireAssignments(text, names)),
        ])
          if (edit.ok) expect(restored(edit.value.text)).toBe(text);
      }),
    );
  });

  it('keeps every byte around a block that comes and goes', () => {
    fc.assert(
      fc.property(startUpFile, fc.constantFrom('start' as const, 'end' as const), (text, at) => {
        const put = valueIn(upsertBlock(text, { ...block, at }));
        expect(valueIn(upsertBlock(put, { ...block, at }))).toEqual(put);
        expect(valueIn(removeBlock(put, name))).toBe(text);
      }),
    );
  });
});

const word = anyFileText.map((text) => text.replaceAll('\0', ''));

/** The words as bash reads them. */
function readByBash(line: string): readonly string[] {
  const { stdout, status } = spawnSync('bash', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.split('\0').slice(0, -1);
}

describe('what is to be typed', () => {
  it('is read by bash as it was meant', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), (words) => {
        expect(readByBash(words.map(shellWord).join(' '))).toEqual(words);
      }),
      fewer,
    );
  });

  it('sets an answer to that very text', () => {
    fc.assert(
      fc.property(
        word.filter((text) => !text.startsWith('{')),
        (text) => {
          const [option, setting = ''] = readByBash(setOption('localModel.model', text));
          expect(option).toBe('--set');
          expect(valueIn(readAnswer('localModel.model', setting.replace(/^[^=]*=/, '')))).toBe(text);
        },
      ),
      fewer,
    );
  });
});
