import { environmentTwin } from '../../config/answers-file.ts';
import { heading, item, manualPage, paragraph, section, typedLines } from '../../text/roff.ts';
import { programName } from '../command.ts';
import { answerWordsOf, type Described, type DescribedOption } from './described.ts';

/** The page of the program itself. */
export function programPage(commands: readonly Described[], exits: readonly (readonly [number, string])[]): string {
  const [program, ...others] = commands;
  if (program === undefined) throw new Error('there is no program to describe');
  const typed = others.filter((command) => command.typed);
  return manualPage(programName, 'Claude Code on this host, routed through a gateway', [
    section('SYNOPSIS', [typedLines([`${programName} [COMMAND] [options]`, `${programName} help COMMAND`])]),
    section('DESCRIPTION', [paragraph(program.description)]),
    section('COMMANDS', typed.map(commandText)),
    section('OPTIONS', program.options.filter(({ general }) => general).map(optionItem)),
    section('ANSWERS', [
      paragraph('Each of these keys can be given with --set, in an answers file, and in the environment.'),
      ...keysOf(commands).map((key) => item(key, environmentTwin(key))),
    ]),
    section(
      'EXIT STATUS',
      exits.map(([code, words]) => item(String(code), words)),
    ),
    section('SEE ALSO', [paragraph('claude-routed(1), claude-local(1), claude-offline(1), claude-api(1)')]),
  ]);
}

function commandText({ path, usage, description, options, examples }: Described): string {
  return [
    heading([path, ...usage].join(' ')),
    paragraph(description),
    ...options.filter(({ general }) => !general).map(optionItem),
    typedLines(examples),
  ].join('\n');
}

function optionItem({ usage, summary }: DescribedOption): string {
  return item(usage, summary);
}

function keysOf(commands: readonly Described[]): readonly string[] {
  return [...new Set(answerWordsOf(commands).map((word) => word.replace(/=.*/, '')))];
}
