import { Argument, Option } from '@commander-js/extra-typings';
import {
  type Begin,
  type Declaration,
  declared,
  group,
  ofAnswers,
  ofChanges,
  ofLooks,
  type Work,
} from '../command-line/command.ts';
import { answersFile, completing, setting, yes } from '../command-line/options.ts';
import { knownWord } from '../command-line/usage-problems.ts';
import type { SecretsVerb } from '../commands/secrets.ts';
import { secretVariables } from '../config/secrets.ts';
import { shellNames } from '../layout.ts';
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

/** `secrets set` and `secrets rotate` */
export const secretsCommand: Declaration = (begin) =>
  group('secrets', 'Gives a key a new value.')
    .addCommand(newValueCommand('set', 'give a key a new value, which is tried and proven', begin))
    .addCommand(newValueCommand('rotate', "the same; the gateway's own key is made for you", begin));

const variables = Object.values(secretVariables);

function newValueCommand(verb: SecretsVerb, summary: string, begin: Begin) {
  return declared(verb, {
    summary,
    description: `Asks for the new value${verb === 'rotate' ? ' (LITELLM_MASTER_KEY is made for you)' : ''}, or reads it from where --from says. It is tried first; then the container is created again, everything is proven, and the former value is removed from the backups, too.`,
    examples: [
      `secrets ${verb} ANTHROPIC_DIRECT_KEY`,
      `secrets ${verb} ANTHROPIC_DIRECT_KEY --from env:NEW_KEY`,
      `secrets ${verb} LM_STUDIO_API_KEY --from file:/run/secrets/token --yes`,
    ],
    exits: { ...ofChanges, ...ofAnswers },
  })
    .addArgument(completing(new Argument('<NAME>', variables.join(', ')), 'word', async () => variables))
    .addOption(new Option('--from <PLACE>', 'env:NAME, file:/path, or - for standard input'))
    .addOption(yes())
    .addOption(answersFile())
    .addOption(setting())
    .action((name, options) =>
      begin(
        'machine',
        async (program) => await (await import('../commands/secrets.ts')).secrets(program, verb, name, options),
      ),
    );
}

/** `completion` */
export const completionCommand: Declaration = (begin) =>
  declared('completion', {
    summary: 'print the completion script of a shell',
    description:
      'Prints the script by which TAB completes commands, options, answers and checks. An installation already has it in place for the account’s shells; this is for other machines.',
    examples: [
      'completion bash > claude-routing-install.bash',
      'completion zsh > _claude-routing-install',
      'completion fish > claude-routing-install.fish',
    ],
    exits: ofLooks,
  })
    .addArgument(completing(new Argument('<SHELL>', shellNames.join(', ')), 'word', async () => shellNames))
    .action((shell) =>
      begin('named-files', async ({ handbook, ui }) => {
        const { completion } = await handbook();
        ui.document(completion[knownWord('shell', shell, shellNames)]);
        return exitCodes.done;
      }),
    );
