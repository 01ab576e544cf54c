import { type Line, linesOfHelp } from '../ui/wording.ts';

/**
 * The help for command lines that end with --help or -h and have no other option: it is the same in every run, so neither the parser nor
 * any command has to be loaded for it. Undefined where the command line has to be parsed.
 */
export function writtenHelp(typed: readonly string[], texts = written()): readonly Line[] | undefined {
  const path = typed.slice(0, -1).join(' ');
  return Object.hasOwn(texts, path) ? linesOfHelp(texts[path] ?? '') : undefined;
}

/** By the words in front of --help. */
function written(): Readonly<Record<string, string>> {
  return typeof HELP_TEXTS === 'undefined' ? {} : JSON.parse(HELP_TEXTS);
}
