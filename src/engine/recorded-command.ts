import { basename } from 'node:path';
import type { Command } from '../host/host.ts';

/** A command as the action log has it: what is looked for, whatever the line says that is shown to a person. */
export interface RecordedCommand {
  /** Without its folder, e.g. `apt-get`. */
  readonly program: string;
  readonly args: readonly string[];
  /** Address of what a release up to 1.1 fetched and gave it as its input. */
  readonly download?: string;
}

/** What is recorded of a command; no argument of ours ever holds a secret. */
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
