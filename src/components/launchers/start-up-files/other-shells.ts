import { dirname } from 'node:path';
import fishTemplate from '../../../../templates/shells/shell-environment.fish?raw';
import zshTemplate from '../../../../templates/shells/shell-environment.zsh?raw';
import type { LauncherName, Layout } from '../../../layout.ts';
import type { ShellBlock } from '../../../shell/block.ts';
import { shellWord } from '../../../shell/word.ts';
import {
  forPeople,
  functionLines,
  type ShellChoices,
  shellBlockName,
  sourcing,
  wantedByAll,
} from './shell-environment.ts';

/** The block for .zshenv, the one file that zsh reads for `ssh HOST command`, too. At the start, as in ~/.bashrc. */
export function zshBlock({ zsh }: Layout): ShellBlock {
  return sourcing(zsh.environment);
}

/** The block for config.fish, which every fish reads. */
export function fishBlock({ fish }: Layout): ShellBlock {
  const file = fishWord(fish.environment);
  return { name: shellBlockName, at: 'start', lines: [`if test -r ${file}; source ${file}; end`] };
}

/** The text of the file that the block in .zshenv sources. Sourcing it again changes nothing. */
export function zshEnvironment(layout: Layout, choices: ShellChoices): string {
  const mise = shellWord(layout.miseBinary);
  const secrets = shellWord(layout.secretsFile);
  const lines = [
    ...(choices.mise
      ? [`if [[ -x ${mise} ]] && (( ! $+functions[_mise_hook] )); then eval "$(${mise} activate zsh)"; fi`]
      : []),
    ...(choices.exportSecrets
      ? [
          `if [[ -r ${secrets} ]]; then`,
          `  if [[ -o allexport ]]; then . ${secrets}; else set -a; . ${secrets}; set +a; fi`,
          'fi',
        ]
      : []),
    `fpath=(${shellWord(dirname(layout.completion.zsh))} \${fpath:#${shellWord(dirname(layout.completion.zsh))}})`,
    ...(choices.shellFunctions ? [...functionLines(layout, choices.launchers), zshInstaller(layout)] : []),
  ];
  const common = wantedByAll(zshTemplate, layout, shellWord);
  return `${common}${forPeople('if [[ -o interactive ]]; then', lines, 'fi')}`;
}

function zshInstaller({ singleFile }: Layout): string {
  const file = shellWord(singleFile);
  return `if [[ -f ${file} ]] && ! whence -p claude-routing-install >/dev/null; then function claude-routing-install { node ${file} "$@"; }; fi`;
}

/** The text of the file that the block in config.fish sources. Sourcing it again changes nothing. */
export function fishEnvironment(layout: Layout, choices: ShellChoices): string {
  const mise = fishWord(layout.miseBinary);
  const lines = [
    ...(choices.mise
      ? [`if test -x ${mise}; and not functions -q __mise_env_eval; ${mise} activate fish | source; end`]
      : []),
    ...(choices.exportSecrets ? fishSecrets(layout) : []),
    ...(choices.shellFunctions ? fishFunctions(layout, choices.launchers) : []),
  ];
  const common = wantedByAll(fishTemplate, layout, fishWord);
  return lines.length === 0 ? common : `${common}${forPeople('if status is-interactive', lines, 'end')}`;
}

function fishFunctions(layout: Layout, names: readonly LauncherName[]): readonly string[] {
  const file = fishWord(layout.singleFile);
  return [
    ...names.map((name) => `function ${name}; ${fishWord(layout.launchers[name])} $argv; end`),
    `if test -f ${file}; and not command -q claude-routing-install; function claude-routing-install; node ${file} $argv; end; end`,
  ];
}

/** fish cannot source the file of keys: it is written for the other shells. */
function fishSecrets({ secretsFile }: Layout): readonly string[] {
  const file = fishWord(secretsFile);
  return [
    `if test -r ${file}`,
    '  while read -l line',
    String.raw`    set -l pair (string match -r '^\s*(?:export\s+)?([A-Za-z_]\w*)=(\'[^\']*\'|"[^"]*"|\S*)' -- $line)`,
    String.raw`    and set -gx $pair[2] (string replace -r '^([\'"])(.*)\1$' '$2' -- $pair[3])`,
    `  end <${file}`,
    'end',
  ];
}

/** A text as one word of fish. */
export function fishWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/[\\']/g, String.raw`\$&`)}'`;
}
