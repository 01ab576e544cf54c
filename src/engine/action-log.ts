import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Command } from '../host/host.ts';
import { isObject, parsedJson } from '../text/json.ts';

/** One effect as the journal has it: what was to be done, and what came of it. */
export interface ActionRecord {
  /** When it was begun, ISO 8601. */
  readonly at: string;
  readonly step: string;
  /** Title of the resource that it belonged to. */
  readonly resource: string;
  readonly do: string;
  /** The effect in words: a command as a person would type it. For people alone. */
  readonly what: string;
  /** For an effect that runs a command. */
  readonly command?: RecordedCommand;
  readonly path?: string;
  /** The hash of the text that was written. */
  readonly sha256?: string;
  /** Where the text that stood there before was kept. */
  readonly backup?: string;
  /** `unknown`: the program ended before it could say. */
  readonly state: 'done' | 'failed' | 'unknown';
}

/** One run of a command that may change something. */
export interface PastRun {
  /** Also the beginning of its backup folder's name. */
  readonly id: string;
  /** The command, e.g. `install`; undefined in journals of the first release's prepare-host. */
  readonly command?: string;
  /** Of this program. */
  readonly version?: string;
  /** The format of its lines; 1 if nothing is said. */
  readonly format?: number;
  readonly began: string;
  /** Undefined when the program was ended before it could say. */
  readonly exitCode?: number;
  readonly actions: readonly ActionRecord[];
}

/** What was done here, oldest first, as far as the journal tells. */
export interface ActionLog {
  readonly runs: readonly PastRun[];
  /** Lines that could not be read: half written when the machine lost its power, or edited. */
  readonly unreadable: number;
}

type Entry = Readonly<Record<string, unknown>>;

/** Reads the journal's text. Never fails: what cannot be read is counted. */
export function readActionLog(text: string | undefined): ActionLog {
  const runs = new Map<string, { -readonly [Key in keyof PastRun]: PastRun[Key] } & { actions: ActionRecord[] }>();
  let unreadable = 0;
  for (const line of (text ?? '').split('\n')) {
    if (line.trim() === '') continue;
    const entry = entryOf(line) ?? entryOf(behindCutLine(line));
    const id = word(entry?.['run']);
    if (entry === undefined || id === undefined) {
      unreadable += 1;
      continue;
    }
    const run = runs.get(id) ?? { id, began: word(entry['at']) ?? '', actions: [] };
    runs.set(id, run);
    note(run, entry);
  }
  return { runs: [...runs.values()], unreadable };
}

function note(
  run: { command?: string; version?: string; format?: number; exitCode?: number; actions: ActionRecord[] },
  entry: Entry,
): void {
  const { began, version, format, exitCode, state } = entry;
  if (typeof format === 'number') run.format = format;
  if (typeof began === 'string') run.command = began;
  if (typeof version === 'string') run.version = version;
  if (typeof exitCode === 'number') run.exitCode = exitCode;
  if (state === 'begun') run.actions.push(actionOf(entry, 'unknown'));
  if (state !== 'done' && state !== 'failed') return;
  // Effects come one at a time: an outcome belongs to the last one that was begun.
  const last = run.actions.at(-1);
  const ended = actionOf(entry, state);
  if (last !== undefined && isBeginOf(last, ended)) run.actions[run.actions.length - 1] = { ...ended, at: last.at };
  else run.actions.push(ended);
}

/** Recognised by what was done to what; the words are for people. */
function isBeginOf(begun: ActionRecord, ended: ActionRecord): boolean {
  return begun.state === 'unknown' && begun.step === ended.step && begun.do === ended.do && begun.path === ended.path;
}

function actionOf(entry: Entry, state: ActionRecord['state']): ActionRecord {
  const optional = ['path', 'sha256', 'backup'].flatMap((name) => {
    const value = word(entry[name]);
    return value === undefined ? [] : [[name, value]];
  });
  const named = (name: string): string => word(entry[name]) ?? '';
  const command = named('do') === 'run' ? (readRecorded(entry['command']) ?? fromShownLine(named('what'))) : undefined;
  return {
    at: named('at'),
    step: named('step'),
    resource: named('resource'),
    do: named('do'),
    what: named('what'),
    state,
    ...(command === undefined ? {} : { command }),
    ...(Object.fromEntries(optional) as Pick<ActionRecord, 'path' | 'sha256' | 'backup'>),
  };
}

/** Earlier versions appended to a line that had been cut off: the last part is whole. */
function behindCutLine(line: string): string {
  return line.slice(Math.max(0, line.lastIndexOf('{"at":"')));
}

function entryOf(line: string): Entry | undefined {
  const value = parsedJson(line);
  return isObject(value) ? value : undefined;
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** What was done or may have been done, over all runs, oldest first. What failed is left out. */
export function actionsOf({ runs }: ActionLog): readonly ActionRecord[] {
  return runs.flatMap(({ actions }) => actions.filter(({ state }) => state !== 'failed'));
}

/** Every path at which a text was, or may have been, written. */
export function writtenPaths(history: ActionLog): readonly string[] {
  return [...new Set(actionsOf(history).flatMap(({ do: verb, path }) => (verb === 'write' && path ? [path] : [])))];
}

/** A text's hash, as in the journal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 of the text that this program last wrote to a path; undefined when it never did, or took the file away since. */
export function lastWritten(history: ActionLog, path: string): string | undefined {
  const last = actionsOf(history).findLast((action) => action.path === path && ['write', 'remove'].includes(action.do));
  return last?.sha256;
}

/** Commands that were, or may have been, run: those of a program whose arguments begin so, oldest first. */
export function commandsRun(
  history: ActionLog,
  program: string,
  ...args: readonly string[]
): readonly RecordedCommand[] {
  return allCommands(history).filter(
    (command) => command.program === program && args.every((word, index) => command.args[index] === word),
  );
}

/** Every command that was, or may have been, run. */
export function allCommands(history: ActionLog): readonly RecordedCommand[] {
  return actionsOf(history).flatMap(({ command }) => command ?? []);
}

/** A command as the action log has it, to be searched for, whatever the line for people says. */
export interface RecordedCommand {
  /** Without its folder, e.g. `apt-get`. */
  readonly program: string;
  readonly args: readonly string[];
  /** Address of what a release up to 1.1 downloaded and piped into it. */
  readonly download?: string;
}

/** What is recorded of a command; none of our arguments ever holds a secret. */
export function recordedCommand({ file, args }: Command): RecordedCommand {
  return { program: basename(file), args };
}

/** Reads what `recordedCommand` made, in a former release as well; undefined for anything else. */
export function readRecorded(value: unknown): RecordedCommand | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { program, args, download } = value as Partial<Record<keyof RecordedCommand, unknown>>;
  if (typeof program !== 'string' || !Array.isArray(args) || !args.every((word) => typeof word === 'string'))
    return undefined;
  return { program, args, ...(typeof download === 'string' ? { download } : {}) };
}

/** Releases up to 1.1 recorded a command only as the line that was shown: `sudo env NAME=value apt-get install 'a b'`. */
export function fromShownLine(line: string): RecordedCommand | undefined {
  const [, download, command = line] = /^curl -fsSL (\S+) \| (.*)$/s.exec(line) ?? [];
  const words = wordsOf(command);
  const first = words.findIndex((word) => word !== 'sudo' && word !== 'env' && !/^[A-Za-z_]\w*=/.test(word));
  const program = words[first];
  if (program === undefined) return undefined;
  return { program: basename(program), args: words.slice(first + 1), ...(download === undefined ? {} : { download }) };
}

/** The words of a line that `shellWord` quoted. Words in `$'…'`, which hold what no command of ours was ever given, are not unquoted. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:'[^']*'|\\.|[^\s'\\])+/gs) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|\\(.)/gs, (_, quoted?: string, single?: string) => quoted ?? single ?? ''),
  );
}
