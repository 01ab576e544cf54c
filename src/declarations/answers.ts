import {
  type Begin,
  type Declaration,
  declared,
  group,
  ofAnswers,
  ofLooks,
  type Work,
} from '../command-line/command.ts';
import { answersFile } from '../command-line/options.ts';
import { exitCodes } from '../session/exit-codes.ts';
import type { Program } from '../session/program.ts';

/** `answers init`, `check`, `schema` and `show`. They touch nothing and work on any system. */
export const answersCommand: Declaration = (begin) =>
  group('answers', 'Everything about answers files; touches nothing and works on any system.')
    .addCommand(printing('init', 'print a commented answers file', begin, 'example'))
    .addCommand(reading('check', 'validate an answers file', begin, 'check'))
    .addCommand(printing('schema', 'print its JSON Schema', begin, 'schemaText'))
    .addCommand(reading('show', 'the effective answers; keys as fingerprints', begin, 'show'));

function printing(name: string, summary: string, begin: Begin, text: 'example' | 'schemaText') {
  const file = name === 'init' ? 'answers.yaml' : 'schema.json';
  const examples = [`answers ${name}`, `answers ${name} > ${file}`, `answers ${name} | less`];
  return declared(name, { summary, examples, exits: {} }).action(() =>
    begin(
      'named-files',
      reads(async (program) => program.ui.document((await works())[text]())),
    ),
  );
}

function reading(name: string, summary: string, begin: Begin, read: 'check' | 'show') {
  const examples = [`answers ${name} answers.yaml`, `answers ${name} answers.json`, `answers ${name} /dev/stdin`];
  return declared(name, { summary, examples, exits: { ...ofLooks, ...ofAnswers } })
    .argument('[FILE]', 'answers as YAML or JSON')
    .addOption(answersFile())
    .action((file, options) =>
      begin(
        'named-files',
        reads(async (program) => await (await works())[read](program, file ?? options.answers)),
      ),
    );
}

function reads(work: (program: Program) => void | Promise<void>): Work['run'] {
  return async (program) => {
    await work(program);
    return exitCodes.done;
  };
}

async function works() {
  return await import('../commands/answers.ts');
}
