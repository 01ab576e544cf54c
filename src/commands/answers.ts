import commented from '../../templates/answers.yaml?raw';
import { routingProblem } from '../components/gateway/routing/profiles.ts';
import { knownSecrets } from '../components/secrets-file/secret-source.ts';
import { answersJsonSchema, validateAnswers } from '../config/answers-file.ts';
import { savedAnswersText } from '../config/saved.ts';
import type { Answers } from '../config/schema.ts';
import { type SecretName, secretVariables } from '../config/secrets.ts';
import { loadAnswersFile } from '../config/sources.ts';
import { exitCodes } from '../session/exit-codes.ts';
import { type Program, Refused } from '../session/program.ts';

/** A commented answers file. */
export function example(): string {
  return commented;
}

/** The JSON Schema of an answers file. */
export function schemaText(): string {
  return `${JSON.stringify(answersJsonSchema(), undefined, 2)}\n`;
}

/** Refuses answers that cannot be used. */
export async function check(program: Program, file: string | undefined): Promise<void> {
  const path = file ?? missingFile('check');
  await readAnswers(program, path);
  program.ui.say(`${path} is valid.`, 'good');
}

/** Shows the answers as they would be used. */
export async function show(program: Program, file: string | undefined): Promise<void> {
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
