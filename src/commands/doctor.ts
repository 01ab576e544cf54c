import { Command, Option } from '@commander-js/extra-typings';
import type { Ailment } from '../doctor/ailment.ts';
import { ailments } from '../doctor/ailments/index.ts';
import { diagnose, type Examined } from '../doctor/diagnose.ts';
import type { Diagnosis } from '../doctor/diagnosis.ts';
import type { Examination } from '../doctor/examination.ts';
import { counted } from '../text/counted.ts';
import { diagnosisLines } from '../ui/diagnosis-lines.ts';
import { detailLines, duration } from '../ui/wording.ts';
import { agreed } from './agreed.ts';
import { type Declaration, examples } from './command-line/command.ts';
import { answersFile, dryRun, only, setting, skip, verbose, yes } from './command-line/options.ts';
import { unknownWord, wrongUse } from './command-line/usage-problems.ts';
import { bundleCommand } from './doctor-bundle.ts';
import { whyCommand } from './doctor-why.ts';
import { examine } from './examine.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Mend, mendsFor, overviewOf, performMends } from './mending.ts';
import { tellOverview } from './overview.ts';
import type { Program } from './program.ts';
import { secureSudo } from './secure-sudo.ts';

/** `doctor`, and what stands below it. */
export const doctorCommand: Declaration = (begin) =>
  new Command('doctor')
    .summary('what is wrong, why, and what to type; --fix does it')
    .description(
      'Looks for everything that is known to go wrong, and says what is wrong, why, and what to type. --fix shows what it would do, asks, does it and looks again.',
    )
    .addOption(new Option('--fix', 'mend what can be mended, after a question'))
    .addOption(dryRun('with --fix: show it and change nothing'))
    .addOption(only('things'))
    .addOption(skip('things'))
    .addOption(yes())
    .addOption(verbose('with --fix: every command and difference'))
    .addOption(answersFile())
    .addOption(setting())
    .usage('[options]')
    .addCommand(whyCommand(begin))
    .addCommand(bundleCommand(begin))
    .addHelpText(
      'after',
      examples('doctor', 'doctor --fix', 'doctor --only model,engine', 'doctor why ANTHROPIC_BASE_URL'),
    )
    .action((options) => begin({ touches: 'machine', run: async (program) => await doctor(program, options) }));

interface DoctorOptions {
  readonly only: readonly string[];
  readonly skip: readonly string[];
  /** Mends what was found. */
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly verbose?: boolean;
}

/** Looks for everything that is known to go wrong; --fix mends what can be mended, and looks again. */
export async function doctor(program: Program, options: DoctorOptions): Promise<ExitCode> {
  const chosen = chooseAilments(options.only, options.skip);
  const seen = await look(program, chosen);
  const mends = options.fix === true ? mendsFor(seen.examined.diagnoses) : [];
  if (mends.length === 0) return tell(program, seen);
  return await mend(program, { chosen, seen, mends }, options);
}

/** The ailments that --only and --skip leave. An unknown name is refused, with the nearest known one. */
export function chooseAilments(only: readonly string[], skip: readonly string[]): readonly Ailment[] {
  const known = ailments.map(({ id }) => id);
  const unknown = [...only, ...skip].find((id) => !known.includes(id));
  if (unknown !== undefined) throw wrongUse(unknownWord('ailment', unknown, known));
  return ailments.filter(({ id }) => (only.length === 0 || only.includes(id)) && !skip.includes(id));
}

interface Seen {
  readonly examination: Examination;
  readonly examined: Examined;
  readonly ms: number;
}

async function look(program: Program, chosen: readonly Ailment[]): Promise<Seen> {
  const started = performance.now();
  const examination = await examine(program);
  const examined = await program.ui.busy('looking at this machine', diagnose(examination, chosen));
  return { examination, examined, ms: performance.now() - started };
}

interface Mendable {
  readonly chosen: readonly Ailment[];
  readonly seen: Seen;
  readonly mends: readonly Mend[];
}

async function mend(
  program: Program,
  { chosen, seen, mends }: Mendable,
  { verbose, dryRun }: DoctorOptions,
): Promise<ExitCode> {
  const { ui, host } = program;
  if (!ui.forPrograms) tellDiagnoses(program, seen.examined.diagnoses);
  const overviews = await ui.busy('looking at this machine', overviewOf(mends, host));
  tellOverview(ui, overviews);
  if (verbose === true)
    for (const line of overviews.flatMap(({ planned }) => detailLines(planned))) ui.say(line.text, line.tone);
  if (dryRun === true) return exitCodes.changesPending;
  const words = {
    problem: 'there is nobody to confirm the changes: standard input is not a terminal',
    no: 'no, change nothing',
  };
  if (!(await agreed(program, words))) {
    ui.say('Nothing was changed.');
    return exitCodes.stopped;
  }
  await secureSudo(program, overviews);
  const code = await performMends(program, mends, seen.examination.installed);
  if (code !== exitCodes.done && code !== exitCodes.stopped) return code;
  ui.say('');
  ui.say('Looking again', 'strong');
  return tell(program, await look(program, chosen));
}

function tellDiagnoses({ ui }: Program, diagnoses: readonly Diagnosis[]): void {
  for (const line of diagnoses.flatMap(diagnosisLines)) ui.say(line.text, line.tone);
}

function tell(program: Program, seen: Seen): ExitCode {
  const { diagnoses } = seen.examined;
  const broken = diagnoses.filter(({ severity }) => severity === 'broken').length;
  program.ui.result('examined', examinedRecord(seen, broken === 0), () => {
    tellDiagnoses(program, diagnoses);
    tellEnd(program, seen, broken);
  });
  return broken === 0 ? exitCodes.done : exitCodes.stopped;
}

function tellEnd({ ui, account }: Program, { examined, examination, ms }: Seen, broken: number): void {
  const { diagnoses, looked } = examined;
  const notes = diagnoses.length - broken;
  const about = `${looked.length} things looked at in ${duration(ms)}`;
  const beside = notes === 0 ? '' : `, ${counted(notes, 'note')}`;
  if (examination.installed === undefined && examination.answersProblems.length === 0)
    ui.say(`Nothing is installed for ${account.user}: only the machine itself was looked at.`, 'dim');
  if (broken === 0) ui.say(`Healthy: ${about}${beside}.`, 'good');
  else ui.say(`${broken} broken${beside}; ${about}.`, 'strong');
  const mendable = diagnoses.filter(({ mend: wishes }) => wishes !== undefined).length;
  if (mendable > 0)
    ui.say(
      `Mend ${mendable === diagnoses.length ? 'it' : `${mendable} of them`}:  claude-routing-install doctor --fix`,
    );
}

/** One object for programs. */
function examinedRecord({ examined, ms }: Seen, healthy: boolean): object {
  const diagnoses = examined.diagnoses.map(({ ailment, severity, symptom, problem, evidence, fix, mend: wishes }) => ({
    ailment,
    severity,
    symptom,
    cause: problem,
    evidence,
    fix,
    mendable: wishes !== undefined,
  }));
  return { healthy, ms: Math.round(ms), diagnoses, looked: examined.looked };
}
