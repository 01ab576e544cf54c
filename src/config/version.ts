import type { Problem } from '../problem.ts';
import { shellWord } from '../shell/word.ts';

/** Less than, equal to or greater than zero if `left` is older than, the same as or newer than `right`. Numbers with dots. */
export function compareVersions(left: string, right: string): number {
  const numbers = (version: string): number[] => version.split('.').map(Number);
  const other = numbers(right);
  const differences = numbers(left).map((part, index) => part - (other[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** The first thing in a text that looks like a version: `2.1.330 (Claude Code)` gives 2.1.330. */
export function versionIn(text: string): string | undefined {
  return /\d+\.\d+\.\d+/.exec(text)?.[0];
}

/** Why a file of ours is left alone: this program does not know its version. Undefined if it does. */
export function newerProblem(path: string, version: unknown, known: number, writer?: string): Problem | undefined {
  if (typeof version !== 'number' || !(version > known)) return undefined;
  const by = writer === undefined ? '' : `, written by claude-routing-install ${writer}`;
  return {
    code: 'written-by-newer-version',
    problem: `${path} is of version ${version}${by}; this program, ${PROGRAM_VERSION}, knows versions up to ${known}`,
    fix: `run the newer program:  npx claude-routing-install@latest   or start over without it:  mv ${shellWord(path)} ${shellWord(`${path}.newer`)}`,
  };
}
