import type { ProgramOptions } from '../command-line/command.ts';
import { runVariable } from '../host/host.ts';
import { type PathMapping, RealHost } from '../host/real-host.ts';
import { createMasking } from '../host/secret.ts';
import { type Account, layoutFor } from '../layout.ts';
import type { Problem } from '../problem.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { type Program, Refused } from '../session/program.ts';
import { createJsonUi } from '../ui/json.ts';
import type { Output } from '../ui/output.ts';
import { createTerminal, openInput } from '../ui/terminal.ts';
import type { Ui } from '../ui/ui.ts';
import { tellEnding } from './ending.ts';
import { ownAccount, ownEntry, plainEnvironment, requireOpenHome, workingDirectory } from './environment.ts';
import type { ToDo } from './read-command-line.ts';
import { listenForSignals } from './signals.ts';

/** Something in place of this machine. The shipped program is never given one: see src/claude-routing-install.ts. */
export interface Elsewhere {
  readonly account: Account;
  readonly ground: PathMapping;
  /** Where its programs are. */
  readonly searchPath: string;
  /** Said first, so that nobody takes it for this machine. */
  readonly notice: string;
}

/** What the program works on and speaks through. */
export interface Surroundings {
  readonly elsewhere: Elsewhere | undefined;
  readonly output: Output;
  /** Where messages about the program itself go. */
  readonly complaints: Pick<Ui, 'say'>;
}

/** Does what was typed, to its end. */
export async function beginWork(todo: ToDo, surroundings: Surroundings): Promise<ExitCode> {
  const { program, problem } = makeProgram(todo.options, surroundings);
  return await guarded(program, todo, problem);
}

async function guarded(program: Program, { work, options }: ToDo, problem: Problem | undefined): Promise<ExitCode> {
  try {
    if (work.touches !== 'named-files') {
      if (problem !== undefined) throw new Refused(exitCodes.preconditionNotMet, problem);
      await requireOpenHome(program, ownEntry()?.homedir ?? '');
    }
    if (work.touches === 'machine') await (await import('../session/await-quiet.ts')).awaitQuiet(program);
    const exitCode = await work.run(program);
    if (work.touches !== 'named-files' && program.ui.interactive)
      await (await import('./newer-release.ts')).tellNewerRelease(program);
    return exitCode;
  } catch (error) {
    const exitCode = tellEnding(program.ui, error, options.verbose === true);
    if (exitCode === exitCodes.cancelled) await program.signals.left();
    return exitCode;
  }
}

function makeProgram(
  options: ProgramOptions,
  { elsewhere, output, complaints }: Surroundings,
): { readonly program: Program; readonly problem?: Problem | undefined } {
  const own = ownAccount({ uid: process.getuid?.() ?? -1, entry: ownEntry(), home: process.env['HOME'] });
  const account = elsewhere?.account ?? own.account;
  const layout = layoutFor(account);
  const masking = createMasking();
  const ui = makeUi(options, masking, account.home, output);
  const cwd = workingDirectory(complaints);
  if (elsewhere !== undefined) ui.say(elsewhere.notice, 'warning');
  // To the millisecond: the earliest run by name has the backup of what was here before us.
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
    handbook: async () => await (await import('./written-handbook.ts')).writtenHandbook(),
    readInput: async () => await (await import('node:stream/consumers')).text(process.stdin),
    run,
    onDisk: elsewhere?.ground.path ?? ((path) => path),
    signals: listenForSignals(ui, (error) => tellEnding(ui, error, options.verbose === true)),
    acquireSudo: async (interactive) => {
      const { acquireSudo } = await import('../host/sudo.ts');
      return await acquireSudo(account.uid, interactive, host);
    },
  };
  return { program, problem: elsewhere === undefined ? own.problem : undefined };
}

function makeUi(options: ProgramOptions, masking: Program['masking'], home: string, output: Output): Ui {
  if (options.json === true) return createJsonUi(output.stream, masking, output.isRead);
  const terminal = output.stream.isTTY === true;
  const dumb = process.env['TERM'] === 'dumb';
  return createTerminal({
    output: output.stream,
    isRead: output.isRead,
    input: openInput(process.stdin),
    interactive: terminal && process.stdin.isTTY === true && options.yes !== true,
    animated: terminal && !dumb,
    color: terminal && !dumb && options.color !== false && (process.env['NO_COLOR'] ?? '') === '',
    verbose: options.verbose === true,
    masking,
    home,
  });
}
