import { nothingTyped } from '../declarations/install-work.ts';
import { refusalIn } from '../engine/errno.ts';
import { createMasking } from '../host/secret.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { tellProblems } from '../session/program.ts';
import type { Output } from '../ui/output.ts';
import { plainWords } from '../ui/speech.ts';
import { sayLines } from '../ui/wording.ts';
import type { Elsewhere } from './begin-work.ts';
import type { CommandLine } from './read-command-line.ts';

/** What the program was started with. */
export interface Opened {
  readonly elsewhere: Elsewhere | undefined;
  readonly output: Output;
  /** Where messages about the program itself go. */
  readonly complaints: Output;
  /** Ends the process. */
  readonly endWith: (exitCode: ExitCode) => void;
}

const helpFlags = ['--help', '-h'];

type Words = ReturnType<typeof plainWords>;

/** Does what was typed. Each part of the program is loaded when it is needed: most command lines need little of it. */
export async function answer(
  typed: readonly string[],
  { elsewhere, output, complaints, endWith }: Opened,
): Promise<void> {
  const told = plainWords(complaints.stream, createMasking());
  process.once('exit', (code) => tellLost(output, told, code));
  const line = await readOwnLine(typed, told);
  if (typeof line === 'number') process.exitCode = line;
  else if (line.kind === 'words') sayLines(plainWords(output.stream, createMasking()), line.lines);
  else if (line.kind === 'version') await tellVersion(output, line.forPrograms);
  else {
    const { beginWork } = await import('./begin-work.ts');
    endWith(await beginWork(line, { elsewhere, output, complaints: told }));
  }
}

/** What was typed; if it makes no sense, the person has been told, and this is the exit code. */
async function readOwnLine(typed: readonly string[], complaints: Words): Promise<CommandLine | ExitCode> {
  // Commander and the commands' declarations take a third of the time to the first question, and there is nothing to parse.
  if (typed.length === 0) return nothingTyped;
  if (helpFlags.includes(typed.at(-1) ?? '')) {
    const lines = (await import('./written-help.ts')).writtenHelp(typed);
    if (lines !== undefined) return { kind: 'words', lines };
  }
  const { readCommandLine } = await import('./read-command-line.ts');
  try {
    return readCommandLine(typed);
  } catch (error) {
    const { tellEnding } = await import('./ending.ts');
    return tellEnding(complaints, error, false);
  }
}

async function tellVersion({ stream }: Output, forPrograms: boolean): Promise<void> {
  if (!forPrograms) return plainWords(stream, createMasking()).say(PROGRAM_VERSION);
  const { createJsonUi } = await import('../ui/json.ts');
  const found = { name: 'claude-routing-install', version: PROGRAM_VERSION, node: process.version };
  createJsonUi(stream, createMasking()).result('version', found, () => undefined);
}

/** Whoever asked for output and did not get it must not take that for success. */
function tellLost(output: Output, complaints: Words, code: number): void {
  const lost = output.lost();
  if (lost === undefined) return;
  const refusal = refusalIn(lost);
  const why = refusal === undefined ? lost.message : refusal.message.replace(/, write$/, '');
  tellProblems(complaints, [
    {
      code: 'output-lost',
      problem: `the output could not be written: ${why}`,
      fix: 'send it somewhere else, and run this again',
    },
  ]);
  if (code === exitCodes.done) process.exitCode = exitCodes.outputLost;
}
