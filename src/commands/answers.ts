import example from '../../templates/answers.yaml?raw';
import { answersJsonSchema, validateAnswers } from '../answers/answers-file.ts';
import { savedAnswersText } from '../answers/saved.ts';
import type { Answers } from '../answers/schema.ts';
import { knownSecrets } from '../answers/secret-source.ts';
import { type SecretName, secretVariables } from '../answers/secrets.ts';
import { loadAnswersFile } from '../answers/sources.ts';
import { routingProblem } from '../render/profiles.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Program, Refused } from './program.ts';

export const answersVerbs = ['init', 'check', 'schema', 'show'] as const;
export type AnswersVerb = (typeof answersVerbs)[number];

/** Everything about answers files; touches nothing and works on any system. */
export async function answers(program: Program, verb: AnswersVerb, file: string | undefined): Promise<ExitCode> {
  switch (verb) {
    case 'init':
      program.ui.document(example);
      return exitCodes.done;
    case 'schema':
      program.ui.document(`${JSON.stringify(answersJsonSchema(), undefined, 2)}\n`);
      return exitCodes.done;
    case 'check':
      return await check(program, file ?? program.flags.answers);
    case 'show':
      return await show(program, file ?? program.flags.answers);
  }
}

async function check(program: Program, file: string | undefined): Promise<ExitCode> {
  const path = file ?? missingFile('check');
  await readAnswers(program, path);
  program.ui.say(`${path} is valid.`, 'good');
  return exitCodes.done;
}

async function show(program: Program, file: string | undefined): Promise<ExitCode> {
  const { layout, host, environment } = program;
  const read = await readAnswers(program, file ?? layout.savedAnswers);
  const secrets = await knownSecrets(read, { probe: host, environment, secretsFile: layout.secretsFile });
  const keys = secrets.ok
    ? Object.entries(secrets.value).map(
        ([name, secret]) => `# ${secretVariables[name as SecretName]}: fingerprint ${secret.fingerprint()}\n`,
      )
    : [`# keys: ${secrets.problem.problem.replaceAll('\n', ' ')}\n`];
  program.ui.document(`${savedAnswersText(read)}${keys.join('')}`);
  return exitCodes.done;
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
    problem: `answers ${verb} needs a file`,
    fix: `name it:  claude-routing-install answers ${verb} answers.yaml`,
  });
}
