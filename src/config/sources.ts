import type { Probe } from '../host/host.ts';
import { failure, type Problem, type Result, success } from '../problem.ts';
import { shellWord } from '../shell/word.ts';
import { isObject } from '../text/json.ts';
import { didYouMean } from '../text/nearest.ts';
import {
  type AnswersFile,
  answerPaths,
  environmentTwin,
  parseAnswersFile,
  type RawAnswers,
  readAnswer,
  setAnswer,
  twinPrefix,
  valueAt,
} from './answers-file.ts';
import type { YamlFault } from './yaml.ts';

/** Where answers come from besides the person: later ones win. */
export interface AnswerSources {
  readonly earlier: RawAnswers | undefined;
  readonly file: AnswersFile | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `key=value` as given with --set. */
  readonly settings: readonly string[];
}

/** Reads the answers file that was named. */
export async function loadAnswersFile(
  probe: Pick<Probe, 'readFile' | 'stat'>,
  path: string,
): Promise<Result<AnswersFile>> {
  const stat = await probe.stat(path);
  if (stat === undefined)
    return failure({
      code: 'file-missing',
      problem: `there is no answers file ${path}`,
      fix: 'make one:  claude-routing-install answers init > answers.yaml',
    });
  if (stat.kind === 'directory')
    return failure({
      code: 'wrong-kind-of-file',
      problem: `${path} is a directory, not an answers file`,
      fix: 'name the file itself:  --answers FILE',
    });
  const text = await probe.readFile(path);
  if (text === undefined)
    return failure({
      code: 'wrong-kind-of-file',
      problem: `${path} is not a plain file, and nothing else is read for answers but standard input (/dev/stdin)`,
      fix: `see what it is:  ls -l ${shellWord(path)}`,
    });
  return parseAnswersFile(path, text);
}

/** What was found on the machine is kept from the last run, so that an answers file that lacks it gives the same result twice. */
const measured = [
  ['localModel', 'model'],
  ['localModel', 'contextWindow'],
  ['localModel', 'tokensPerSecond'],
  ['cloud', 'anthropic', 'models'],
  ['cloud', 'main'],
  ['failover', 'target'],
] as const;

/** One set of raw answers from all sources, or the setting that cannot be understood. */
export function mergeSources({ earlier, file, environment, settings }: AnswerSources): Result<RawAnswers> {
  // The JSON Schema knows the keys, and takes its time to be made.
  const isGiven = Object.keys(environment).some((name) => name.startsWith(twinPrefix));
  const fromEnvironment = (isGiven ? answerPaths() : []).flatMap((path) => {
    const value = environment[environmentTwin(path)];
    return value === undefined || value === '' ? [] : [`${path}=${value}`];
  });
  let merged: RawAnswers = { version: 1, ...(file?.raw ?? earlier) };
  const given: string[] = [];
  for (const setting of [...fromEnvironment, ...settings]) {
    const [path = '', ...value] = setting.split('=');
    const problem = settingProblem(path, setting);
    if (problem !== undefined) return failure(problem);
    given.push(path);
    const read = readAnswer(path, value.join('='));
    if (!read.ok) return failure(faultIn(path, read.problem));
    merged = setAnswer(merged, path, read.value);
  }
  return success(file === undefined ? withoutStale(merged, earlier, given) : withMeasured(merged, earlier));
}

/** What was measured of one model says nothing about another. A window that the model is to be loaded with is no measurement. */
function withoutStale(merged: RawAnswers, earlier: RawAnswers | undefined, given: readonly string[]): RawAnswers {
  const local = merged['localModel'];
  if (earlier === undefined || !isObject(local) || sameModel(merged, earlier)) return merged;
  const stale = ['tokensPerSecond', ...(local['load'] === true ? [] : ['contextWindow'])];
  const kept = Object.entries(local).filter(([key]) => !stale.includes(key) || given.includes(`localModel.${key}`));
  return { ...merged, localModel: Object.fromEntries(kept) };
}

function faultIn(path: string, { fault, line, column }: YamlFault): Problem {
  const where = line === undefined || column === undefined ? '' : ` (line ${line}, column ${column})`;
  return {
    code: 'answer-wrong',
    problem: `--set ${path} or ${environmentTwin(path)}: the value is ${fault}${where}`,
    fix: `see what ${path} may be:  claude-routing-install answers schema`,
  };
}

function settingProblem(path: string, setting: string): Problem | undefined {
  if (!setting.includes('='))
    return {
      code: 'option-value-wrong',
      problem: `--set ${setting} gives no value`,
      fix: `write it as  --set ${shellWord(`${setting}=VALUE`)}`,
    };
  if (answerPaths().includes(path)) return undefined;
  return {
    code: 'answer-unknown',
    problem: `--set ${path}: there is no such key${didYouMean(path, answerPaths())}`,
    fix: 'see every key:  claude-routing-install answers schema',
  };
}

function withMeasured(raw: RawAnswers, earlier: RawAnswers | undefined): RawAnswers {
  if (earlier === undefined || !sameServer(raw, earlier)) return raw;
  let filled = raw;
  for (const path of measured) {
    const value = valueAt(earlier, path);
    const parent = valueAt(filled, path.slice(0, -1));
    if (value === undefined || valueAt(filled, path) !== undefined) continue;
    if (path.length > 2 && !isObject(parent)) continue;
    filled = setAnswer(filled, path.join('.'), value);
  }
  return filled;
}

/** Earlier measurements hold for the same server, model and clouds only. */
function sameServer(raw: RawAnswers, earlier: RawAnswers): boolean {
  const clouds = (answers: RawAnswers) =>
    Object.keys((answers['cloud'] ?? {}) as object)
      .filter((key) => key !== 'main')
      .sort()
      .join();
  return sameModel(raw, earlier) && clouds(raw) === clouds(earlier);
}

function sameModel(raw: RawAnswers, earlier: RawAnswers): boolean {
  const host = (answers: RawAnswers) =>
    String(valueAt(answers, ['localModel', 'address']) ?? '').replace(/^\w+:\/\/|:\d+.*$|\/.*$/g, '');
  const model = valueAt(raw, ['localModel', 'model']);
  return host(raw) === host(earlier) && (model === undefined || model === valueAt(earlier, ['localModel', 'model']));
}
