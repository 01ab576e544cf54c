import template from '../../../templates/shells/completion.bash?raw';
import { shellWord } from '../../shell/word.ts';
import { filledWith } from '../../text/template.ts';
import { type Described, type DescribedWord, grouped, valuedFlags } from './described.ts';

/** Completion for bash 4 and newer. It needs nothing of the package bash-completion. */
export function bashCompletion(commands: readonly Described[]): string {
  return filledWith(template, {
    valued: valuedFlags(commands).join(' | '),
    commands: commands.map(commandLine).join('\n'),
    values: valueLines(commands).join('\n'),
  });
}

function commandLine({ path, below, options }: Described): string {
  const names = [...below.map(({ name }) => name), ...(path === '' ? ['help'] : [])];
  const flags = options.flatMap(({ flag, short }) => [flag, ...(short === undefined ? [] : [short])]);
  return `    ${shellWord(path)}) below=${list(names)} options=${list(flags)} ;;`;
}

function valueLines(commands: readonly Described[]): readonly string[] {
  const pairs = commands.flatMap(({ path, options, words }) => [
    ...options.flatMap(({ flag, value }) =>
      value === undefined ? [] : [[`${path} ${flag}`, assigned(value)] as const],
    ),
    ...words.map((word, place) => [`${path} ${word.variadic ? '*' : place}`, assigned(word)] as const),
  ]);
  return grouped(pairs).map(([keys, value]) => `    ${keys.map((key) => quoted(key)).join(' | ')}) ${value} ;;`);
}

/** Words for one position are also offered for `*`, which stands for all later positions. */
function assigned({ kind, known }: DescribedWord): string {
  return `kind=${kind === 'unknown' ? "''" : kind} known=${list(known)}`;
}

function list(words: readonly string[]): string {
  return `'${words.join(' ')}'`;
}

function quoted(text: string): string {
  return `'${text}'`;
}
