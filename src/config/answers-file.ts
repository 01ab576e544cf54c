import * as z from 'zod';
import { failure, type Problem, type Result, success } from '../problem.ts';
import { shellWord } from '../shell/word.ts';
import { isObject } from '../text/json.ts';
import { didYouMean } from '../text/nearest.ts';
import { type Answers, answersSchema } from './schema.ts';
import { newerProblem } from './version.ts';
import { readYaml, type YamlFault, type YamlRead } from './yaml.ts';

/** Answers as they were written, not yet validated. */
export type RawAnswers = { [key: string]: unknown };

/** A parsed answers file that remembers where each key stands. */
export interface AnswersFile {
  readonly name: string;
  readonly raw: RawAnswers;
  readonly lineOf: YamlRead['lineOf'];
}

/** Characters; ten times the length of answers with every key and a comment for each. */
const longestFile = 65_536;

/** Reads YAML or JSON (which is YAML too). */
export function parseAnswersFile(name: string, text: string): Result<AnswersFile> {
  // Its byte order mark is not valid UTF-8.
  if (text.startsWith('\uFFFD\uFFFD'))
    return failure({
      code: 'answers-file-unreadable',
      problem: `${name} is UTF-16 text, as PowerShell may write it`,
      fix: `turn it into UTF-8:  iconv -f UTF-16 -t UTF-8 ${shellWord(name)} > ${shellWord(`${name}.utf8`)}  and give that; claude-routing-install answers init  shows a whole example`,
    });
  const read = readYaml(text, { longest: longestFile });
  const fix = 'see a whole example:  claude-routing-install answers init';
  if (!read.ok) return failure({ ...faultProblem(name, read.problem), fix });
  const { value: raw, lineOf } = read.value;
  if (!isObject(raw))
    return failure({
      code: 'answers-file-unreadable',
      problem: `${name} contains no answers: it must be a list of keys such as localModel:`,
      fix,
    });
  const newer = newerAnswers(name, raw);
  return newer === undefined ? success({ name, raw, lineOf }) : failure(newer);
}

function faultProblem(name: string, { fault, line, column }: YamlFault): Omit<Problem, 'fix'> {
  if (line === undefined) return { code: 'answers-file-unreadable', problem: `${name}: ${fault}` };
  const place = column === undefined ? `line ${line}` : `line ${line}, column ${column}`;
  return { code: 'answers-file-unreadable', problem: `${name}, ${place}: ${fault}`, at: { line, says: fault } };
}

/** The version of answers files that this program reads and writes. */
const answersVersion = 1;

/** Why answers that a newer version of this program wrote are left alone. */
export function newerAnswers(name: string, raw: unknown): Problem | undefined {
  return isObject(raw) ? newerProblem(name, raw['version'], answersVersion) : undefined;
}

/** Validates; each problem names the place and what to write there. */
export function validateAnswers(raw: RawAnswers, file?: AnswersFile): Result<Answers, readonly Problem[]> {
  // If the one required group is missing, its required key is what to name.
  const read = answersSchema.safeParse({ localModel: {}, ...raw }, { error: answerFault });
  if (read.success) return success(read.data);
  const problems = read.error.issues.flatMap((issue) => problemsOf(issue, raw, file));
  return failure(problems.slice(0, mostTold));
}

/** Nobody fixes more at a time; a file of another kind has a problem for each of its keys. */
const mostTold = 20;

function problemsOf(issue: z.core.$ZodIssue, raw: RawAnswers, file: AnswersFile | undefined): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, mostTold).map((key) => {
      const path = [...issue.path, key];
      return unknownKey(path, holding(path, raw, file));
    });
  }
  const whole = issue.path.map(String).join('.');
  const path = settable(whole);
  if (valueAt(raw, issue.path) === undefined) {
    const elsewhere = path === whole ? `, with  --set ${path}=VALUE  or as ${environmentTwin(path)}` : '';
    return [
      {
        code: 'answer-missing',
        ...placed(issue.path, file, ' is missing'),
        fix: `give it in the answers file${elsewhere}`,
      },
    ];
  }
  return [
    {
      code: 'answer-wrong',
      ...placed(issue.path, holding(issue.path, raw, file), `: ${withoutFullStop(issue.message)}`),
      fix: `fix it, or override it with  --set ${path}=VALUE`,
    },
  ];
}

/** The file, where it is what gave a key its value: --set and the environment overrule it. */
function holding(
  path: readonly PropertyKey[],
  raw: RawAnswers,
  file: AnswersFile | undefined,
): AnswersFile | undefined {
  return file !== undefined && valueAt(file.raw, path) === valueAt(raw, path) ? file : undefined;
}

/** The nearest key that --set takes: a single entry of a list cannot be given. */
function settable(path: string): string {
  const known = answerPaths();
  return known.includes(path) || !path.includes('.') ? path : settable(path.slice(0, path.lastIndexOf('.')));
}

function withoutFullStop(message: string): string {
  return message.replace(/\.$/, '');
}

/** What is wrong with a key, with its place in the file where it has one. */
function placed(
  path: readonly PropertyKey[],
  file: AnswersFile | undefined,
  what: string,
): Pick<Problem, 'problem' | 'at'> {
  const line = file?.lineOf(path);
  const says = `${path.map(String).join('.')}${what}`;
  if (line === undefined || file === undefined) return { problem: says };
  return { problem: `${file.name}, line ${line}: ${says}`, at: { line, says } };
}

function unknownKey(path: readonly PropertyKey[], file: AnswersFile | undefined): Problem {
  const key = path.map(String).join('.');
  return {
    code: 'answer-unknown',
    ...placed(path, file, `: there is no such key${didYouMean(key, answerPaths())}`),
    fix: 'see every key:  claude-routing-install answers schema',
  };
}

/** The environment variable that says the same as an answers key: localModel.address is CLAUDE_ROUTING_LOCAL_MODEL_ADDRESS. */
export function environmentTwin(path: string): string {
  const words = path.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('.', '_');
  return `${twinPrefix}${words.toUpperCase()}`;
}

/** What the names of all these variables begin with. */
export const twinPrefix = 'CLAUDE_ROUTING_';

let paths: readonly string[] | undefined;

/** Every key of the schema as a dotted path, groups included. */
export function answerPaths(): readonly string[] {
  paths ??= pathsOf(answersJsonSchema(), '');
  return paths;
}

/** JSON Schema of an answers file, for editors and for the list of keys. */
export function answersJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(answersSchema, { io: 'input' });
}

function pathsOf(schema: z.core.JSONSchema.BaseSchema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) =>
    typeof child === 'boolean' ? [] : [`${prefix}${key}`, ...pathsOf(child, `${prefix}${key}.`)],
  );
}

/** What `--set` may be given: every key with its value, where there are few of those; else with nothing behind the `=`. */
export function answerWords(): readonly string[] {
  const words = wordsBelow(answersJsonSchema(), '').filter((word) => !word.startsWith('version='));
  return [...new Set(words)];
}

function wordsBelow(schema: z.core.JSONSchema.BaseSchema, path: string): readonly string[] {
  if (schema.properties === undefined) return choicesOf(schema).map((choice) => `${path}=${choice}`);
  return Object.entries(schema.properties).flatMap(([key, child]) =>
    typeof child === 'boolean' ? [] : wordsBelow(child, path === '' ? key : `${path}.${key}`),
  );
}

function choicesOf({ type, enum: several, const: one, anyOf = [] }: z.core.JSONSchema.BaseSchema): readonly string[] {
  if (type === 'boolean') return ['true', 'false'];
  if (one !== undefined) return [String(one)];
  return several?.map(String) ?? (anyOf.length === 0 ? [''] : anyOf.flatMap(choicesOf));
}

/** Sets one dotted key. */
export function setAnswer(raw: RawAnswers, path: string, value: unknown): RawAnswers {
  const [key = '', ...rest] = path.split('.');
  const below = raw[key];
  const next = rest.length === 0 ? value : setAnswer(isObject(below) ? below : {}, rest.join('.'), value);
  return { ...raw, [key]: next };
}

/**
 * What a value for a dotted key on a command line or in the environment means. A key that takes a text
 * gets the text itself, so that nothing in it has a meaning; only quotation marks around the whole of it are taken off. Any
 * other value is read as YAML, so that numbers and true/false come out as such.
 */
export function readAnswer(path: string, written: string): Result<unknown, YamlFault> {
  const quoted = /^(["'])[\s\S]*\1$/.test(written.trim());
  if (takesText(path) && !quoted && !written.startsWith('{')) return success(written);
  const read = readYaml(written, { longest: longestFile });
  if (read.ok) return success(read.value.value);
  return takesText(path) ? success(written) : read;
}

function takesText(path: string): boolean {
  let schema: z.core.JSONSchema.BaseSchema | boolean | undefined = answersJsonSchema();
  for (const key of path.split('.')) schema = typeof schema === 'object' ? schema.properties?.[key] : undefined;
  if (typeof schema !== 'object') return false;
  const kinds = schema.anyOf?.map((one) => (typeof one === 'object' ? one.type : undefined)) ?? [schema.type];
  return kinds.includes('string') && !kinds.includes('boolean') && !kinds.includes('integer');
}

/** The value at a path, undefined where there is none. */
export function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isObject(value) || Array.isArray(value) ? (value as RawAnswers)[String(key)] : undefined),
    raw,
  );
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text, in quotation marks if it looks like a number or true/false',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, e.g. [first, second]',
  object: 'a group: its keys indented below it, or left out altogether',
};

/** What an answer must be, for faults for which the schema has no words; follows the answer's name. */
function answerFault(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected]}`;
    case 'invalid_value':
      return `must be ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(issue.values.map(String))}`;
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    default:
      return undefined;
  }
}
