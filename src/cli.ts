import { text } from 'node:stream/consumers';
import { answers, answersVerbs } from './commands/answers.ts';
import { awaitQuiet } from './commands/await-quiet.ts';
import { type CommandLine, readCommandLine, unknownWord } from './commands/command-line.ts';
import { doctor } from './commands/doctor.ts';
import { drill } from './commands/drill.ts';
import { endingOf } from './commands/ending.ts';
import { type ExitCode, exitCodes } from './commands/exit-codes.ts';
import { helpText } from './commands/help.ts';
import { install } from './commands/install.ts';
import { ownAccount, requireOpenHome } from './commands/own-account.ts';
import { plan } from './commands/plan.ts';
import { prepareHost } from './commands/prepare-host.ts';
import { type Flags, type Program, Refused, tellProblems } from './commands/program.ts';
import { restore } from './commands/restore.ts';
import { secrets, secretsVerbs } from './commands/secrets.ts';
import { status } from './commands/status.ts';
import { uninstall } from './commands/uninstall.ts';
import { update } from './commands/update.ts';
import { usage } from './commands/usage.ts';
import { refusalIn } from './engine/errno.ts';
import { runVariable } from './host/host.ts';
import { createMasking } from './host/masking.ts';
import { type Ground, RealHost } from './host/real-host.ts';
import { acquireSudo } from './host/sudo.ts';
import { type Account, layoutFor } from './layout.ts';
import type { Problem } from './problem.ts';
import { listenForSignals, prepareEnd } from './signals.ts';
import { ownEntry, plainEnvironment, workingDirectory } from './surroundings.ts';
import { openInput } from './ui/input.ts';
import { createJsonUi } from './ui/json.ts';
import { type Output, openOutput } from './ui/output.ts';
import { createTerminal } from './ui/terminal.ts';
import type { Ui } from './ui/ui.ts';

/** Another ground than this machine's own. The program that is shipped is never given one: see src/claude-routing-install.ts. */
export interface Elsewhere {
  readonly account: Account;
  readonly ground: Ground;
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
  const read = readCommandLine(process.argv.slice(2));
  if (!read.ok) {
    tellProblems(complaints, [read.problem]);
    process.exitCode = exitCodes.usage;
    return;
  }
  const line = read.value;
  if (line.help) return plainUi(output).document(helpText);
  if (line.version) return plainUi(output).document(`${PROGRAM_VERSION}\n`);
  const { program, problem } = makeProgram(line, elsewhere, output, complaints);
  endWith(await guarded(program, line, problem));
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
    { problem: `the output could not be written: ${why}`, fix: 'send it somewhere else, and run this again' },
  ]);
  if (code === exitCodes.done) process.exitCode = exitCodes.outputLost;
}

async function guarded(program: Program, line: CommandLine, problem: Problem | undefined): Promise<ExitCode> {
  try {
    if (needsAccount(line)) {
      if (problem !== undefined) throw new Refused(exitCodes.preconditionNotMet, problem);
      await requireOpenHome(program, ownEntry()?.homedir ?? '');
    }
    return await run(program, line);
  } catch (error) {
    const exitCode = tellEnding(program.ui, error, program.flags.verbose);
    if (exitCode === exitCodes.cancelled) await program.signals.left();
    return exitCode;
  }
}

function tellEnding(ui: Ui, error: unknown, verbose: boolean): ExitCode {
  ui.end();
  const { problems, exitCode } = endingOf(error, verbose);
  if (exitCode === exitCodes.cancelled) ui.say('Cancelled. Nothing was changed.', 'warning');
  tellProblems(ui, problems);
  return exitCode;
}

/** These look at the machine and judge it, or change it; the others only read files of ours. */
const judging: readonly CommandLine['command'][] = [
  'install',
  'plan',
  'doctor',
  'drill',
  'update',
  'restore',
  'uninstall',
  'secrets',
  'prepare-host',
];

/** These read the files that are named to them, and no other. */
function needsAccount({ command, flags }: CommandLine): boolean {
  return command !== 'answers' && !(command === 'prepare-host' && flags.prepare.printScript);
}

async function run(program: Program, { command, words }: CommandLine): Promise<ExitCode> {
  if (judging.includes(command)) await awaitQuiet(program);
  switch (command) {
    case 'install':
      return program.flags.dryRun ? await plan(program) : await install(program);
    case 'plan':
      return await plan(program);
    case 'status':
      return await status(program);
    case 'doctor':
      return await doctor(program, words);
    case 'drill':
      return await drill(program);
    case 'usage':
      return await usage(program);
    case 'update':
      return await update(program, words);
    case 'restore':
      return await restore(program, words);
    case 'uninstall':
      return await uninstall(program);
    case 'prepare-host':
      return await prepareHost(program);
    case 'secrets':
      return await secrets(program, verbOf('secrets command', words[0], secretsVerbs), words[1]);
    case 'answers':
      return await answers(program, verbOf('answers command', words[0], answersVerbs), words[1]);
  }
}

function verbOf<Verb extends string>(kind: string, word: string | undefined, verbs: readonly Verb[]): Verb {
  const verb = verbs.find((candidate) => candidate === word);
  if (verb === undefined) throw new Refused(exitCodes.usage, unknownWord(kind, word ?? '', verbs));
  return verb;
}

function makeProgram(
  { flags, noColor }: CommandLine,
  elsewhere: Elsewhere | undefined,
  output: Output,
  complaints: Ui,
): { readonly program: Program; readonly problem?: Problem | undefined } {
  const own = ownAccount({ uid: process.getuid?.() ?? -1, entry: ownEntry(), home: process.env['HOME'] });
  const account = elsewhere?.account ?? own.account;
  const layout = layoutFor(account);
  const masking = createMasking();
  const ui = makeUi(flags, noColor, masking, account.home, output);
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
    flags,
    readInput: async () => await text(process.stdin),
    run,
    onDisk: elsewhere?.ground.path ?? ((path) => path),
    signals: listenForSignals(ui, (error) => tellEnding(ui, error, flags.verbose)),
    acquireSudo: async (interactive) => await acquireSudo(account.uid, interactive, host),
  };
  return { program, problem: elsewhere === undefined ? own.problem : undefined };
}

function makeUi(flags: Flags, noColor: boolean, masking: Program['masking'], home: string, output: Output): Ui {
  if (flags.json) return createJsonUi(output.stream, masking);
  const terminal = output.stream.isTTY === true;
  const dumb = process.env['TERM'] === 'dumb';
  return createTerminal({
    output: output.stream,
    input: openInput(process.stdin),
    interactive: terminal && process.stdin.isTTY === true && !flags.yes,
    animated: terminal && !dumb,
    color: terminal && !dumb && !noColor && (process.env['NO_COLOR'] ?? '') === '',
    verbose: flags.verbose,
    masking,
    home,
  });
}
