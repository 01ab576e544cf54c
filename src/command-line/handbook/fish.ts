import template from '../../../templates/shells/completion.fish?raw';
import { fishWord } from '../../components/launchers/start-up-files/other-shells.ts';
import { filledWith } from '../../text/template.ts';
import {
  answerWordsOf,
  type Described,
  type DescribedOption,
  type DescribedWord,
  grouped,
  valuedFlags,
} from './described.ts';

/** Completion for fish: a file for one of the folders in which fish looks by itself. */
export function fishCompletion(commands: readonly Described[]): string {
  return filledWith(template, {
    valued: valuedFlags(commands).join(' '),
    paths: commands.flatMap(({ path }) => (path === '' ? [] : fishWord(path))).join(' '),
    answers: answerWordsOf(commands).join(' '),
    lines: [...commands.flatMap(belowLines), ...optionLines(commands), ...commands.flatMap(wordLines)].join('\n'),
  });
}

function belowLines({ path, below }: Described): readonly string[] {
  const help = path === '' ? [{ name: 'help', summary: 'what a command is for, its options, examples' }] : [];
  return [...below, ...help].map(({ name, summary }) => line(0, [path], ['-a', name, '-d', summary]));
}

/** One line for all commands that take an option with the same meaning. */
function optionLines(commands: readonly Described[]): readonly string[] {
  const pairs = commands.flatMap(({ path, options }) =>
    options.map((option) => [path, optionWords(option).map(fishWord).join(' ')] as const),
  );
  return grouped(pairs).map(([paths, words]) => `${condition('-', paths)} ${words}`);
}

function optionWords({ flag, short, summary, value }: DescribedOption): readonly string[] {
  const names = ['-l', flag.slice(2), ...(short === undefined ? [] : ['-s', short.slice(1)])];
  return [...names, '-d', summary, ...(value === undefined ? [] : valueWords(value))];
}

function valueWords(value: DescribedWord): readonly string[] {
  const words = value.known.join(' ');
  switch (value.kind) {
    case 'file':
      return ['-r', '-F'];
    case 'answer':
      return ['-x', '-a', '(__claude_routing_install_answer)'];
    case 'list':
      return ['-x', '-a', `(__claude_routing_install_list ${words})`];
    case 'word':
      return ['-x', '-a', words];
    case 'unknown':
      return ['-x'];
  }
}

function wordLines({ path, words }: Described): readonly string[] {
  return words.flatMap((word, place) => {
    const values = word.kind === 'file' ? ['-F'] : word.kind === 'word' ? ['-a', word.known.join(' ')] : undefined;
    return values === undefined ? [] : [line(word.variadic ? '-' : place, [path], values)];
  });
}

function line(place: number | '-', paths: readonly string[], words: readonly string[]): string {
  return `${condition(place, paths)} ${words.map(fishWord).join(' ')}`;
}

function condition(place: number | '-', paths: readonly string[]): string {
  const test = [
    '__claude_routing_install_at',
    String(place),
    ...paths.map((path) => (path === '' ? "''" : fishWord(path))),
  ];
  return `complete -c claude-routing-install -n ${fishWord(test.join(' '))}`;
}
