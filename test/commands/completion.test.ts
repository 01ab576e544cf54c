import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { handbook } from '../../src/cli/handbook.ts';
import type { Handbook } from '../../src/context.ts';
import { type ShellName, shellNames } from '../../src/layout.ts';
import { PseudoTerminal } from '../end-to-end/pseudo-terminal.ts';
import { put, scratchDirectory } from '../render/scratch.ts';

/** Which of them this host has; bash always, the others where somebody put them. */
const shells = shellNames.filter((name) => existsSync(`/usr/bin/${name}`) || existsSync(`/bin/${name}`));

let made: Handbook;
beforeAll(async () => {
  made = await handbook();
});

/** What is typed, and what has to stand on the line when TAB is pressed behind it. */
const typed: readonly (readonly [line: string, completed: string])[] = [
  ['unin', 'uninstall '],
  ['doctor wh', 'doctor why '],
  ['help rest', 'help restore '],
  ['--no-c', '--no-color '],
  ['uninstall --pu', 'uninstall --purge '],
  ['update claude', 'update claude-code '],
  ['secrets --yes set LITE', 'secrets --yes set LITELLM_MASTER_KEY '],
  ['plan --only gateway,laun', 'plan --only gateway,launchers'],
  ['doctor --only docker-c', 'doctor --only docker-context'],
  ['plan --set routing.prof', 'plan --set routing.profile='],
  ['plan --set routing.profile=local-fi', 'plan --set routing.profile=local-first '],
  ['plan --set gateway.port=4001 --set failover.over', 'plan --set gateway.port=4001 --set failover.overflow='],
  ['--answers my-an', '--answers my-answers.yaml '],
  ['answers check my-an', 'answers check my-answers.yaml '],
  ['--answers my-answers.yaml unin', '--answers my-answers.yaml uninstall '],
];

/** Starts each shell with nothing of a person's but our completion, as an installation puts it in place. */
const starting: Readonly<Record<ShellName, (home: string) => readonly string[]>> = {
  bash: (home) => ['/bin/bash', '--noprofile', '--rcfile', `${home}/.bashrc`, '-i'],
  zsh: () => ['/usr/bin/zsh', '-i'],
  fish: () => ['/usr/bin/fish', '-i', '--private'],
};

function prepare(): string {
  const home = scratchDirectory();
  // Says which words it was given.
  put(`${home}/bin/claude-routing-install`, '#!/bin/sh\nprintf "%s\\n" "$@" >~/new && mv ~/new ~/said\n', 0o755);
  put(`${home}/my-answers.yaml`, 'version: 1\n');
  put(`${home}/.bashrc`, `PS1='ready '; cd ~; . ~/completion.bash\n`);
  put(`${home}/completion.bash`, made.completion.bash);
  put(
    `${home}/.zshrc`,
    `PS1='ready '; unsetopt zle_bracketed_paste; cd ~; fpath=(~/functions $fpath); autoload -Uz compinit; compinit -u\n`,
  );
  put(`${home}/functions/_claude-routing-install`, made.completion.zsh);
  put(`${home}/.config/fish/config.fish`, `function fish_prompt; printf 'ready '; end; cd ~\n`);
  put(`${home}/.local/share/fish/vendor_completions.d/claude-routing-install.fish`, made.completion.fish);
  // Where this is missing, fish reads the manual of the whole machine first.
  mkdirSync(`${home}/.local/share/fish/generated_completions`, { recursive: true });
  return home;
}

describe.each(shells)('TAB in %s', (shell) => {
  it('completes commands, options, checks, steps, answers, keys and files, wherever they stand', async () => {
    const home = prepare();
    const said = `${home}/said`;
    const terminal = new PseudoTerminal(starting[shell](home), {
      columns: 200,
      env: { HOME: home, PATH: `${home}/bin:/usr/bin:/bin`, LANG: 'C.UTF-8' },
    });
    await terminal.sees('ready');
    for (const [line, completed] of typed) {
      rmSync(said, { force: true });
      terminal.type(`claude-routing-install ${line}\t\r`);
      await terminal.until(() => existsSync(said), `the end of ${line}`);
      expect(readFileSync(said, 'utf8').trim().split('\n'), line).toEqual(completed.trim().split(' '));
    }
    terminal.type('exit\r');
    await terminal.exitCode();
  });
});
