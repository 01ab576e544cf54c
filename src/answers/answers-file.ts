import { distance } from 'fastest-levenshtein';
import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Problem } from '../engine/finding.ts';
import { type Answers, answersSchema } from './schema.ts';

/** Answers as they were written, not yet validated. */
export type RawAnswers = { [key: string]: unknown };

/** A parsed answers file that remembers where each key stands. */
export interface AnswersFile {
  readonly name: string;
  readonly raw: RawAnswers;
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** Reads YAML or JSON (which is YAML too). */
export function parseAnswersFile(name: string, text: string): AnswersFile | Problem {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    return {
      problem: `${name}, line ${line}, column ${col}: not YAML: ${error.message}`,
      fix: `see a whole example:  claude-routing-install answers init`,
    };
  }
  const raw: unknown = document.toJS();
  if (!isRecord(raw)) {
    return {
      problem: `${name} holds no answers: it must be a list of keys such as localModel:`,
      fix: 'see a whole example:  claude-routing-install answers init',
    };
  }
  return { name, raw, lineOf: (path) => lineOf(document, lines, path) };
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(path[depth - 1])) : undefined;
    const start = pair === undefined ? undefined : (pair.key as { range?: readonly number[] }).range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return undefined;
}

export function isRecord(value: unknown): value is RawAnswers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Validates; each problem names the place and what to write there. */
export function validateAnswers(raw: RawAnswers, file?: AnswersFile): Answers | readonly Problem[] {
  // Without the one group that must be there, its key that must be there is what to name.
  const read = answersSchema.safeParse({ localModel: {}, ...raw });
  if (read.success) return read.data;
  return read.error.issues.flatMap((issue) => problemsOf(issue, raw, file));
}

function problemsOf(issue: z.core.$ZodIssue, raw: RawAnswers, file: AnswersFile | undefined): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...issue.path, key], file));
  }
  const where = place(issue.path, file);
  const path = issue.path.map(String).join('.');
  if (valueAt(raw, issue.path) === undefined) {
    return [
      {
        problem: `${where} is missing`,
        fix: `give it in the answers file, with  --set ${path}=VALUE  or as ${environmentTwin(path)}`,
      },
    ];
  }
  return [
    {
      problem: `${where}: ${withoutFullStop(issue.message)}`,
      fix: `mend it, or overrule it with  --set ${path}=VALUE`,
    },
  ];
}

function withoutFullStop(message: string): string {
  return message.replace(/\.$/, '');
}

function place(path: readonly PropertyKey[], file: AnswersFile | undefined): string {
  const line = file?.lineOf(path);
  const key = path.map(String).join('.');
  return line === undefined || file === undefined ? key : `${file.name}, line ${line}: ${key}`;
}

function unknownKey(path: readonly PropertyKey[], file: AnswersFile | undefined): Problem {
  const key = path.map(String).join('.');
  const nearest = nearestOf(key, answerPaths());
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return {
    problem: `${place(path, file)}: there is no such key${hint}`,
    fix: 'see every key:  claude-routing-install answers schema',
  };
}

/** The known word nearest to a mistyped one, if it is near enough to be meant. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, away: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  return best !== undefined && best.away <= Math.max(2, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}

/** The environment variable that says the same as an answers key: localModel.address is CLAUDE_ROUTING_LOCAL_MODEL_ADDRESS. */
export function environmentTwin(path: string): string {
  const words = path.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('.', '_');
  return `CLAUDE_ROUTING_${words.toUpperCase()}`;
}

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

/** Sets one dotted key. The value is read as YAML, so numbers and true/false come out as such. */
export function setAnswer(raw: RawAnswers, path: string, value: string): RawAnswers {
  const [key = '', ...rest] = path.split('.');
  const below = raw[key];
  const next =
    rest.length === 0
      ? (parseDocument(value).toJS() as unknown)
      : setAnswer(isRecord(below) ? below : {}, rest.join('.'), value);
  return { ...raw, [key]: next };
}

/** The value at a path, undefined where there is none. */
export function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isRecord(value) || Array.isArray(value) ? (value as RawAnswers)[String(key)] : undefined),
    raw,
  );
}
