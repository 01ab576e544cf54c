import template from '../../../templates/shells/completion.zsh?raw';
import { shellWord } from '../../shell/word.ts';
import { filledWith } from '../../text/template.ts';
import { answerWordsOf, type Described, type DescribedOption, type DescribedWord, valuedFlags } from './described.ts';

/** Completion for zsh: a file for a folder of `fpath`, or to be sourced after compinit. */
export function zshCompletion(commands: readonly Described[]): string {
  return filledWith(template, {
    valued: valuedFlags(commands).join(' | '),
    answers: answerWordsOf(commands).join(' '),
    below: commands.flatMap(belowLine).join('\n'),
    specs: commands.map(specLines).join('\n'),
  });
}

function belowLine({ path, below }: Described): readonly string[] {
  const help = path === '' ? [{ name: 'help', summary: 'what a command is for, its options, examples' }] : [];
  const rows = [...below, ...help].map(({ name, summary }) => shellWord(`${name}:${summary}`));
  return rows.length === 0 ? [] : [`    ${shellWord(path)}) below=(${rows.join(' ')}) ;;`];
}

function specLines({ path, options, words }: Described): string {
  const specs = [
    ...options.flatMap(optionSpecs),
    ...words.map((word, place) => `${word.variadic ? '*' : `${place + 1}:`}:${word.name}:${action(word)}`),
  ];
  return `    ${shellWord(path)})\n      specs=(\n${specs.map((spec) => `        ${shellWord(spec)}`).join('\n')}\n      )\n      ;;`;
}

function optionSpecs({ flag, short, summary, value }: DescribedOption): readonly string[] {
  const about = `[${summary.replaceAll(/[[\]\\]/g, String.raw`\$&`)}]`;
  if (value === undefined) return [flag, ...(short === undefined ? [] : [short])].map((name) => `${name}${about}`);
  const again = value.kind === 'list' || value.kind === 'answer' ? '*' : '';
  return [`${again}${flag}=${about}:${value.name}:${action(value)}`];
}

/** With a blank in front zsh gives a function the words alone. */
function action({ kind, known }: DescribedWord): string {
  const words = known.join(' ');
  switch (kind) {
    case 'file':
      return '_files';
    case 'answer':
      return ' _claude_routing_install_answer';
    case 'list':
      return known.length === 0 ? '' : `_sequence compadd - ${words}`;
    case 'word':
      return `(${words})`;
    case 'unknown':
      return '';
  }
}
