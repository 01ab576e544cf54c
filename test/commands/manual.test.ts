import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandTree } from '../../src/cli/command-tree.ts';
import { handbook } from '../../src/cli/handbook.ts';
import { allCommands, examplesOf, pathOf } from '../../src/command-line/command.ts';
import { launcherPage } from '../../src/components/launchers/handbook-files.ts';
import { answerPaths } from '../../src/config/answers-file.ts';
import { launcherNames, layoutFor } from '../../src/layout.ts';
import { exitCodes } from '../../src/session/exit-codes.ts';
import { run } from '../render/scratch.ts';

/** What man shows of a page, and what it complains of; only where groff is. */
const formatter = existsSync('/usr/bin/groff') ? '/usr/bin/groff' : undefined;
const layout = layoutFor({ user: 'anna', uid: 1234, home: '/home/anna' });

async function shown(page: string): Promise<string> {
  if (formatter === undefined) return page.replaceAll('\\-', '-').replaceAll(/\\f.|^\.\w+ ?/gm, '');
  const args = ['-man', '-Tutf8', '-ww', '-P-cbou', '-rLL=200n'];
  const { exitCode, stdout, stderr } = await run(formatter, args, { input: page, env: { PATH: '/usr/bin:/bin' } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

describe('the manual', () => {
  it('of the program names every command, option, example, answer and exit code', async () => {
    const text = (await shown((await handbook()).page)).replaceAll('‐', '-');
    for (const command of allCommands(commandTree(() => undefined))) {
      expect(text).toContain(pathOf(command));
      for (const { long, hidden } of command.options) if (!hidden) expect(text).toContain(long);
      for (const example of examplesOf(command)) expect(text).toContain(example);
    }
    for (const code of Object.values(exitCodes)) expect(text).toMatch(new RegExp(`^ +${code} +\\S`, 'm'));
    const leaves = answerPaths().filter((path) => !answerPaths().some((other) => other.startsWith(`${path}.`)));
    for (const path of leaves.filter((one) => one !== 'version')) expect(text).toContain(path);
  });

  it.each(launcherNames)('of %s says what it takes and what it passes over', async (name) => {
    const text = await shown(launcherPage(name, layout));
    expect(text).toMatch(new RegExp(`${name} - Claude Code`));
    expect(text).toMatch(/ANTHROPIC_\*.*doctor why NAME/s);
    expect(text).toContain(name === 'claude-api' ? '/.claude-api' : '/.claude-routed');
    expect(text).toMatch(/^ +69 +there is no \w+_KEY to send/m);
    expect(text.includes('--all-tools')).toBe(name !== 'claude-api');
  });
});
