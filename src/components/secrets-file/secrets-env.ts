import {
  readEnvFile,
  readVariables,
  secretValueProblem,
  setVariables,
  type Unlike,
  withAssignments,
} from '../../config/env-file.ts';
import { type SecretName, type Secrets, secretVariables } from '../../config/secrets.ts';
import { Secret } from '../../host/secret.ts';
import { failure, type Problem, type Result, success } from '../../problem.ts';
import { shellWord } from '../../shell/word.ts';

const heading = `# Keys of the routed Claude Code. Read by the gateway's container; the launchers take the gateway key alone.
# One NAME=value per line, no quotes. Nothing else may read this file: its mode is 0600.
`;

/**
 * The secrets file as it should be. Foreign lines, comments and keys that are not asked for now keep every byte; a file
 * that already says all of it comes back unchanged.
 */
export function renderSecrets(current: string | undefined, secrets: Secrets): Result<Secret> {
  const wanted: Record<string, string> = {};
  for (const [name, variable] of Object.entries(secretVariables) as [SecretName, string][]) {
    const value = secrets[name]?.reveal();
    if (value === undefined) continue;
    const problem = secretValueProblem(variable, value);
    if (problem !== undefined) return failure(problem);
    wanted[variable] = value;
  }
  return success(new Secret(setVariables(current ?? heading, wanted)));
}

/** The keys in the file; a value that its readers would read differently counts as absent. */
export function readSecrets(text: string): Partial<Secrets> {
  const variables = readVariables(text);
  const found: { -readonly [Name in SecretName]?: Secret } = {};
  for (const [name, variable] of Object.entries(secretVariables) as [SecretName, string][]) {
    const value = variables[variable];
    if (value !== undefined && secretValueProblem(variable, value) === undefined) found[name] = new Secret(value);
  }
  return found;
}

/**
 * The lines of an existing secrets file that its readers do not take alike, each by its number. Nothing may be concluded
 * from such a file, least of all that a key is not in it.
 */
export function unlikeProblems(text: string, path: string): readonly Problem[] {
  return readEnvFile(text).unlike.map(({ line, what, fix }) => ({
    code: 'secrets-file-unclear',
    problem: `line ${line} of ${path} ${what}, which bash, docker compose and dotenv read differently`,
    fix: fixFor(fix, line, shellWord(path)),
  }));
}

function fixFor(fix: Unlike['fix'], line: number, place: string): string {
  if (fix === 'carriage-returns') return `take them out:  sed -i 's/\\r$//' ${place}`;
  if (fix === 'mark') return `take it out:  sed -i '1s/^\\xEF\\xBB\\xBF//' ${place}`;
  return `write it as NAME='value' (nano +${line} ${place}), or comment it out:  sed -i '${line}s/^/# /' ${place}`;
}

/** Everything in an existing secrets file that must be put right by a person before it can be used. */
export function secretsFileProblems(text: string, path: string): readonly Problem[] {
  const unlike = unlikeProblems(text, path);
  if (unlike.length > 0) return unlike;
  const variables = readVariables(text);
  const values = Object.values(secretVariables).flatMap((variable) => {
    const value = variables[variable];
    const problem = value === undefined || value === '' ? undefined : secretValueProblem(variable, value);
    return problem === undefined ? [] : [problem];
  });
  return 'ANTHROPIC_API_KEY' in variables ? [apiKeyProblem(variables), ...values] : values;
}

function apiKeyProblem(variables: Readonly<Record<string, string>>): Problem {
  const direct = secretVariables.anthropicKey;
  const clash = variables[direct] !== undefined && variables[direct] !== variables.ANTHROPIC_API_KEY;
  return {
    code: 'api-key-set',
    problem:
      'the secrets file has an ANTHROPIC_API_KEY, a name that switches every Claude Code it reaches to paid billing',
    fix: clash
      ? `delete the line: ${direct} is there too, with a different value`
      : `rename it to ${direct} (the installer offers to)`,
  };
}

/** The text with ANTHROPIC_API_KEY called by its safe name; lines that would give that name twice are dropped when they agree. */
export function withApiKeyRenamed(text: string): string {
  const variables = readVariables(text);
  const direct = secretVariables.anthropicKey;
  if (variables[direct] !== undefined && variables[direct] !== variables.ANTHROPIC_API_KEY) return text;
  return withAssignments(text, ({ name, start, nameAt }, written) => {
    if (name !== 'ANTHROPIC_API_KEY') return written;
    if (variables[direct] !== undefined) return '';
    const before = nameAt - start;
    return `${written.slice(0, before)}${direct}${written.slice(before + name.length)}`;
  });
}

/** The file without our heading and the keys that we put into it; those that `original` has, and every foreign line, stay. */
export function releaseSecrets(text: string, original: string | undefined): string {
  const before = readVariables(original ?? '');
  const ours = Object.values(secretVariables).filter((variable) => before[variable] === undefined);
  const rest = original?.startsWith(heading) !== true && text.startsWith(heading) ? text.slice(heading.length) : text;
  return withAssignments(rest, ({ name }, written) => (ours.includes(name) ? '' : written));
}

/** Whether another secrets file has every value of this one, under whatever name. */
export function holdsAllValues(text: string, of: string): boolean {
  if (readEnvFile(of).unlike.length > 0) return false;
  const values = new Set(Object.values(readVariables(text)));
  return Object.values(readVariables(of)).every((value) => values.has(value));
}

/** Any text, with one key replaced by another wherever it occurs. */
export function withValueReplaced(text: string, former: Secret, value: Secret): Secret {
  return new Secret(text.replaceAll(former.reveal(), value.reveal()));
}
