import { text } from 'node:stream/consumers';
import { awaitQuiet } from './cli/await-quiet.ts';
import { endingOf } from './cli/ending.ts';
import { ownEntry, plainEnvironment, workingDirectory } from './cli/environment.ts';
import { handbook } from './cli/handbook.ts';
import { tellNewerRelease } from './cli/newer-release.ts';
import { ownAccount, requireOpenHome } from './cli/own-account.ts';
import { type CommandLine, readCommandLine, type ToDo } from './cli/read-command-line.ts';
import { listenForSignals, prepareEnd } from './cli/signals.ts';
import { type ProgramOptions, programName } from './command-line/command.ts';
import { refusalIn } from './engine/errno.ts';
import { runVariable } from './host/host.ts';
import { createMasking } from './host/masking.ts';
import { type PathMapping, RealHost } from './host/real-host.ts';
import { acquireSudo } from './host/sudo.ts';
import { type Account, layoutFor } from './layout.ts';
import type { Problem } from './problem.ts';
import { type ExitCode, exitCodes } from './session/exit-codes.ts';
import { type Program, Refused, tellProblems } from './session/program.ts';
import { openInput } from './ui/input.ts';
import { createJsonUi } from './ui/json.ts';
import { type Output, openOutput } from './ui/output.ts';
import { createTerminal } from './ui/terminal.ts';
import type { Ui } from './ui/ui.ts';
import { type Line, moreLine, sayLines } from './ui/wording.ts';

/** Another ground than this machine's own. The program that is shipped is never given one: see src/claude-routing-install.ts. */
export interface Elsewhere {
  readonly account: Account;
  readonly ground: PathMapping;
  /** Where its programs are. */
  readonly searchPath: string;
  /** Said first, so that nobody takes it for this machine. */
  readonly notice: string;
}

/** Arguments in, exit code out. */
export async function main(elsewhere?: Elsewhere): Promise<void> {
  const endWith = prepareEnd();
  const output = openOutput(process.stdout);
  const complaints = plainUi(openOutput(process.stderr));
  process.once('exit', (code) => tellLost(output, complaints, code));
  const line = readOwnLine(complaints);
  if (typeof line === 'number') process.exitCode = line;
  else if (line.kind === 'words') tellWords(plainUi(output), line.lines);
  else if (line.kind === 'version') tellVersion(output, line.forPrograms);
  else {
    const { program, problem } = makeProgram(line.options, elsewhere, output, complaints);
    endWith(await guarded(program, line, problem));
  }
}

/** What was typed; where it cannot be meant, that was told, and this is the exit code. */
function readOwnLine(complaints: Ui): CommandLine | ExitCode {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    return tellEnding(complaints, error, false);
  }
}

function tellWords(ui: Ui, lines: readonly Line[]): void {
  sayLines(ui, lines);
}

function tellVersion(output: Output, forPrograms: boolean): void {
  const ui = forPrograms ? createJsonUi(output.stream, createMasking()) : plainUi(output);
  ui.result('version', { name: programName, version: PROGRAM_VERSION, node: process.version }, () =>
    ui.say(PROGRAM_VERSION),
  );
}

/** Words alone: nothing is asked, coloured or redrawn. */
function plainUi({ stream: output }: Output): Ui {
  const masking = createMasking();
  return createTerminal({
    output,
    input: openInput(process.stdin),
    interactive: false,
    animated: false,
    color: false,
    verbose: false,
    masking,
  });
}

/** Who asked for words and did not get them must not take that for a yes. */
function tellLost(output: Output, complaints: Ui, code: number): void {
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

async function guarded(program: Program, { work, options }: ToDo, problem: Problem | undefined): Promise<ExitCode> {
  try {
    if (work.touches !== 'named-files') {
      if (problem !== undefined) throw new Refused(exitCodes.preconditionNotMet, problem);
      await requireOpenHome(program, ownEntry()?.homedir ?? '');
    }
    if (work.touches === 'machine') await awaitQuiet(program);
    const exitCode = await work.run(program);
    if (work.touches !== 'named-files') await tellNewerRelease(program);
    return exitCode;
  } catch (error) {
    const exitCode = tellEnding(program.ui, error, options.verbose === true);
    if (exitCode === exitCodes.cancelled) await program.signals.left();
    return exitCode;
  }
}

function tellEnding(ui: Ui, error: unknown, verbose: boolean): ExitCode {
  ui.end();
  const { problems, exitCode } = endingOf(error, verbose);
  if (exitCode === exitCodes.cancelled) ui.say('Cancelled. Nothing was changed.', 'warning');
  tellProblems(ui, problems);
  // A command line that cannot be meant is told with what can be; nothing more is to be said of that.
  const codes = exitCode === exitCodes.usage || ui.forPrograms ? [] : problems.map(({ code }) => code);
  if (codes.length > 0) sayLines(ui, [moreLine(codes)]);
  return exitCode;
}

function makeProgram(
  options: ProgramOptions,
  elsewhere: Elsewhere | undefined,
  output: Output,
  complaints: Ui,
): { readonly program: Program; readonly problem?: Problem | undefined } {
  const own = ownAccount({ uid: process.getuid?.() ?? -1, entry: ownEntry(), home: process.env['HOME'] });
  const account = elsewhere?.account ?? own.account;
  const layout = layoutFor(account);
  const masking = createMasking();
  const ui = makeUi(options, masking, account.home, output);
  const cwd = workingDirectory(complaints);
  if (elsewhere !== undefined) ui.say(elsewhere.notice, 'warning');
  // To the millisecond: what stood here before us is the backup of the earliest run, by name.
  const run = `${new Date().toISOString().replace(/[:.]/g, '').slice(0, 20)}-${process.pid}`;
  const host = new RealHost({
    uid: account.uid,
    masking,
    backupFolder: `${layout.backupsDir}/${run}`,
    env: { ...plainEnvironment(account, elsewhere?.searchPath), ...layout.sessionEnv, [runVariable]: run },
    onLine: (line) => ui.progress(line),
    ...(elsewhere === undefined ? {} : { ground: elsewhere.ground }),
  });
  const program: Program = {
    host,
    ui,
    masking,
    account,
    layout,
    platform: elsewhere === undefined ? process.platform : 'linux',
    environment: process.env,
    cwd,
    yes: options.yes === true,
    given: { file: options.answers, settings: options.set ?? [], ask: options.ask === true },
    handbook,
    readInput: async () => await text(process.stdin),
    run,
    onDisk: elsewhere?.ground.path ?? ((path) => path),
    signals: listenForSignals(ui, (error) => tellEnding(ui, error, options.verbose === true)),
    acquireSudo: async (interactive) => await acquireSudo(account.uid, interactive, host),
  };
  return { program, problem: elsewhere === undefined ? own.problem : undefined };
}

function makeUi(options: ProgramOptions, masking: Program['masking'], home: string, output: Output): Ui {
  if (options.json === true) return createJsonUi(output.stream, masking);
  const terminal = output.stream.isTTY === true;
  const dumb = process.env['TERM'] === 'dumb';
  return createTerminal({
    output: output.stream,
    input: openInput(process.stdin),
    interactive: terminal && process.stdin.isTTY === true && options.yes !== true,
    animated: terminal && !dumb,
    color: terminal && !dumb && options.color !== false && (process.env['NO_COLOR'] ?? '') === '',
    verbose: options.verbose === true,
    masking,
    home,
  });
}
