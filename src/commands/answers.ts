import example from '../../templates/answers.yaml?raw';
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
import { routingProblem } from '../components/gateway/routing-profiles.ts';
import { knownSecrets } from '../components/secrets-file/secret-source.ts';
import { answersJsonSchema, validateAnswers } from '../config/answers-file.ts';
import { savedAnswersText } from '../config/saved.ts';
import type { Answers } from '../config/schema.ts';
import { type SecretName, secretVariables } from '../config/secrets.ts';
import { loadAnswersFile } from '../config/sources.ts';
import { exitCodes } from '../session/exit-codes.ts';
import { type Program, Refused } from '../session/program.ts';

/** `answers init`, `check`, `schema` and `show`. They touch nothing and work on any system. */
export const answersCommand: Declaration = (begin) =>
  group('answers', 'Everything about answers files; touches nothing and works on any system.')
    .addCommand(printing('init', 'print a commented answers file', begin, () => example))
    .addCommand(reading('check', 'validate an answers file', begin, check))
    .addCommand(printing('schema', 'print its JSON Schema', begin, schemaText))
    .addCommand(reading('show', 'the effective answers; keys as fingerprints', begin, show));

function printing(name: string, summary: string, begin: Begin, text: () => string) {
  const file = name === 'init' ? 'answers.yaml' : 'schema.json';
  const examples = [`answers ${name}`, `answers ${name} > ${file}`, `answers ${name} | less`];
  return declared(name, { summary, examples, exits: {} }).action(() =>
    begin(reads((program) => program.ui.document(text()))),
  );
}

function reading(
  name: string,
  summary: string,
  begin: Begin,
  read: (program: Program, file: string | undefined) => Promise<void>,
) {
  const examples = [`answers ${name} answers.yaml`, `answers ${name} answers.json`, `answers ${name} /dev/stdin`];
  return declared(name, { summary, examples, exits: { ...ofLooks, ...ofAnswers } })
    .argument('[FILE]', 'answers as YAML or JSON')
    .addOption(answersFile())
    .action((file, options) => begin(reads(async (program) => await read(program, file ?? options.answers))));
}

function reads(work: (program: Program) => void | Promise<void>): Work {
  return {
    touches: 'named-files',
    run: async (program) => {
      await work(program);
      return exitCodes.done;
    },
  };
}

function schemaText(): string {
  return `${JSON.stringify(answersJsonSchema(), undefined, 2)}\n`;
}

async function check(program: Program, file: string | undefined): Promise<void> {
  const path = file ?? missingFile('check');
  await readAnswers(program, path);
  program.ui.say(`${path} is valid.`, 'good');
}

async function show(program: Program, file: string | undefined): Promise<void> {
  const { layout, host, environment } = program;
  const read = await readAnswers(program, file ?? layout.savedAnswers);
  const secrets = await knownSecrets(read, { probe: host, environment, secretsFile: layout.secretsFile });
  const keys = secrets.ok
    ? Object.entries(secrets.value).map(
        ([name, secret]) => `# ${secretVariables[name as SecretName]}: fingerprint ${secret.fingerprint()}\n`,
      )
    : [`# keys: ${secrets.problem.problem.replaceAll('\n', ' ')}\n`];
  program.ui.document(`${savedAnswersText(read)}${keys.join('')}`);
}

async function readAnswers({ host }: Program, path: string): Promise<Answers> {
  const file = await loadAnswersFile(host, path);
  if (!file.ok) throw new Refused(exitCodes.invalidAnswers, file.problem);
  const checked = validateAnswers(file.value.raw, file.value);
  if (!checked.ok) throw new Refused(exitCodes.invalidAnswers, ...checked.problem);
  const read = checked.value;
  const problem = read.localModel.model === undefined ? undefined : routingProblem(read);
  if (problem !== undefined && hasModels(read)) throw new Refused(exitCodes.invalidAnswers, problem);
  return read;
}

/** Without named models the account's own are taken at install time, so nothing can be compared yet. */
function hasModels({
  cloud,
}: {
  readonly cloud: { readonly anthropic?: { readonly models: object } | undefined };
}): boolean {
  return cloud.anthropic === undefined || Object.values(cloud.anthropic.models).some((id) => id !== undefined);
}

function missingFile(verb: string): never {
  throw new Refused(exitCodes.usage, {
    code: 'word-missing',
    problem: `answers ${verb} needs a file`,
    fix: `name it:  claude-routing-install answers ${verb} answers.yaml`,
  });
}
