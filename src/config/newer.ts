import type { Problem } from '../problem.ts';
import { shellWord } from '../shell/word.ts';

/** Why a file of ours is left alone: its version is one that this program does not know. Undefined where it knows it. */
export function newerProblem(path: string, version: unknown, known: number, writer?: string): Problem | undefined {
  if (typeof version !== 'number' || !(version > known)) return undefined;
  const by = writer === undefined ? '' : `, written by claude-routing-install ${writer}`;
  return {
    code: 'written-by-newer-version',
    problem: `${path} is of version ${version}${by}; this program, ${PROGRAM_VERSION}, knows versions up to ${known}`,
    fix: `run the newer program:  npx claude-routing-install@latest   or start over without it:  mv ${shellWord(path)} ${shellWord(`${path}.newer`)}`,
  };
}
