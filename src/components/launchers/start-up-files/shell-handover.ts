import { shellCommands } from '../../../shell/commands.ts';

/** Shells that a start-up file may hand over to. */
const shells = ['zsh', 'fish', 'nu', 'elvish', 'tcsh', 'csh', 'ksh', 'mksh', 'xonsh', 'dash'];

/** Where a start-up file of bash replaces the shell by another one (`exec fish`), and by which; undefined where it does not. */
export function handover(text: string): { readonly shell: string; readonly line: number } | undefined {
  for (const { words } of shellCommands(text)) {
    const at = words.findIndex(({ raw }) => raw === 'exec');
    const [exec, ...rest] = at === -1 ? [] : words.slice(at);
    const shell = rest.flatMap(({ text: word }) => shellIn(word)).at(0);
    if (exec !== undefined && shell !== undefined) return { shell, line: exec.line };
  }
  return undefined;
}

/** `fish`, `/usr/bin/fish`, `$(command -v fish)`. */
function shellIn(word: string): readonly string[] {
  const last = /([\w-]+)[)`]?$/.exec(word)?.[1] ?? '';
  return shells.includes(last) ? [last] : [];
}
