import template from '../../../../templates/shells/shell-environment.bash?raw';
import type { LauncherName, Layout } from '../../../layout.ts';
import type { ShellBlock } from '../../../shell/block.ts';
import { shellWord } from '../../../shell/word.ts';
import { filledWith } from '../../../text/template.ts';

export interface ShellChoices {
  readonly launchers: readonly LauncherName[];
  /** Functions for the launchers, which win over programs of the same name further ahead in PATH. */
  readonly shellFunctions: boolean;
  /** Activate mise, where it is installed. */
  readonly mise: boolean;
  /** Load every key into every interactive shell. */
  readonly exportSecrets: boolean;
}

/** How a person gets a shell that has read its start-up files again, whichever shell it is. */
export const openNewShell = 'Open a new shell, or:  exec $SHELL';

/** Name of our block in ~/.bashrc. */
export const shellBlockName = 'claude-routing';

/** The block for ~/.bashrc. At the start: Debian's file ends early for `ssh HOST command`, which has to find the launchers too. */
export function shellBlock({ shellEnvironment }: Layout): ShellBlock {
  return sourcing(shellEnvironment);
}

/** A block for bash or zsh that sources a file of ours. */
export function sourcing(path: string): ShellBlock {
  const file = shellWord(path);
  return { name: shellBlockName, at: 'start', lines: [`if [ -r ${file} ]; then . ${file}; fi`] };
}

/** The text of the file that the block sources. Sourcing it again changes nothing. */
export function shellEnvironment(layout: Layout, choices: ShellChoices): string {
  const interactive = [
    ...(choices.mise ? miseLines(layout) : []),
    ...(choices.exportSecrets ? secretLines(layout) : []),
    completionLine(layout),
    ...(choices.shellFunctions ? [...functionLines(layout, choices.launchers), installerLine(layout)] : []),
  ];
  return `${wantedByAll(template, layout, shellWord)}${forPeople('if [[ $- == *i* ]]; then', interactive, 'fi')}`;
}

/** What every shell gets; `word` writes a text as one word of it. */
export function wantedByAll(shellTemplate: string, layout: Layout, word: (text: string) => string): string {
  return filledWith(shellTemplate, { binDir: word(layout.binDir), dockerHost: word(`unix://${layout.dockerSocket}`) });
}

/** What only an interactive shell gets. */
export function forPeople(opening: string, lines: readonly string[], closing: string): string {
  return `\n# Wanted by people only.\n${opening}\n${lines.map((line) => `  ${line}`).join('\n')}\n${closing}\n`;
}

function miseLines({ miseBinary }: Layout): string[] {
  const mise = shellWord(miseBinary);
  return [`if [ -x ${mise} ] && ! declare -F _mise_hook >/dev/null; then eval "$(${mise} activate bash)"; fi`];
}

function secretLines({ secretsFile }: Layout): string[] {
  const file = shellWord(secretsFile);
  return [`if [ -r ${file} ]; then`, `  case $- in *a*) . ${file} ;; *) set -a; . ${file}; set +a ;; esac`, 'fi'];
}

/** Without waiting for the package bash-completion, which not every machine has. */
function completionLine({ completion: { bash } }: Layout): string {
  return `if [ -r ${shellWord(bash)} ]; then . ${shellWord(bash)}; fi`;
}

/** For bash and zsh. An alias is expanded while a definition of the same name is read, so it goes first; `function` is not expanded at all. */
export function functionLines(layout: Layout, names: readonly LauncherName[]): string[] {
  return [
    `unalias ${names.join(' ')} 2>/dev/null || :`,
    ...names.map((name) => `function ${name} { ${shellWord(layout.launchers[name])} "$@"; }`),
  ];
}

/** Commands that the program suggests begin with its name, which is not found if only its single file was copied to this machine. */
function installerLine({ singleFile }: Layout): string {
  const file = shellWord(singleFile);
  return `if [ -f ${file} ] && ! type -P claude-routing-install >/dev/null; then function claude-routing-install { node ${file} "$@"; }; fi`;
}
