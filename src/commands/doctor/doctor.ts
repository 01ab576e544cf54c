import { type Check, type CheckContext, type Finding, findingLines } from '../../checks/check.ts';
import { type Examined, runChecks } from '../../checks/run-checks.ts';
import { type Selection, selected } from '../../command-line/usage-problems.ts';
import { checks } from '../../registry/checks.ts';
import { changeRun } from '../../session/change-run.ts';
import { type ExitCode, exitCodes } from '../../session/exit-codes.ts';
import { type Fix, fixesFor, performFixes, previewOf } from '../../session/fixes.ts';
import { examine } from '../../session/load-check-context.ts';
import { printPreview, takesRoot } from '../../session/preview.ts';
import type { Program } from '../../session/program.ts';
import { counted } from '../../text/counted.ts';
import { detailLines } from '../../ui/detail-lines.ts';
import { duration, sayLines } from '../../ui/wording.ts';

interface DoctorOptions extends Selection {
  /** fixes what was found. */
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly verbose?: boolean;
}

/** Looks for everything that is known to go wrong; --fix fixes what can be fixed, and looks again. */
export async function doctor(program: Program, options: DoctorOptions): Promise<ExitCode> {
  const chosen = selected('check', checks, { only: options.only.map(currentId), skip: options.skip.map(currentId) });
  const seen = await look(program, chosen);
  const fixes = options.fix === true ? fixesFor(seen.examined.diagnoses) : [];
  if (fixes.length === 0) return tell(program, seen);
  return await fix(program, { chosen, seen, fixes }, options);
}

/** Up to 1.1 a check was named after one kind of local server. */
const [formerly, now] = ['lm-studio', 'local-server'];

function currentId(id: string): string {
  return id === formerly ? now : id;
}

interface Seen {
  readonly examination: CheckContext;
  readonly examined: Examined;
  readonly ms: number;
}

async function look(program: Program, chosen: readonly Check[]): Promise<Seen> {
  const started = performance.now();
  const examination = await examine(program);
  const examined = await program.ui.busy('looking at this machine', runChecks(examination, chosen));
  return { examination, examined, ms: performance.now() - started };
}

interface Fixable {
  readonly chosen: readonly Check[];
  readonly seen: Seen;
  readonly fixes: readonly Fix[];
}

async function fix(
  program: Program,
  { chosen, seen, fixes }: Fixable,
  { verbose, dryRun }: DoctorOptions,
): Promise<ExitCode> {
  const { ui, host } = program;
  let tried = false;
  if (!ui.forPrograms) tellDiagnoses(program, seen.examined.diagnoses);
  const overviews = await ui.busy('looking at this machine', previewOf(fixes, host));
  const code = await changeRun(program, {
    name: 'doctor',
    needsRoot: takesRoot(overviews),
    show: () => {
      printPreview(ui, overviews);
      if (verbose === true) for (const { planned } of overviews) sayLines(ui, detailLines(planned));
    },
    dryRun,
    consent: 'confirm the changes',
    declined: exitCodes.stopped,
    work: async (journal) => {
      const ended = await performFixes(program, fixes, seen.examination.installed, journal);
      tried = ended === exitCodes.done || ended === exitCodes.stopped;
      return ended;
    },
  });
  if (!tried) return code;
  ui.say('');
  ui.say('Looking again', 'strong');
  return tell(program, await look(program, chosen));
}

function tellDiagnoses({ ui }: Program, diagnoses: readonly Finding[]): void {
  sayLines(ui, diagnoses.flatMap(findingLines));
}

function tell(program: Program, seen: Seen): ExitCode {
  const { diagnoses } = seen.examined;
  const broken = diagnoses.filter(({ severity }) => severity === 'broken').length;
  program.ui.result('examined', reportRecord(seen, broken === 0), () => {
    tellDiagnoses(program, diagnoses);
    tellEnd(program, seen, broken);
  });
  return broken === 0 ? exitCodes.done : exitCodes.stopped;
}

function tellEnd({ ui, account }: Program, { examined, examination, ms }: Seen, broken: number): void {
  const { diagnoses, looked } = examined;
  const notes = diagnoses.length - broken;
  const about = `${counted(looked.length, 'thing')} checked in ${duration(ms)}`;
  const beside = notes === 0 ? '' : `, ${counted(notes, 'note')}`;
  if (examination.installed === undefined && examination.answersProblems.length === 0)
    ui.say(`Nothing is installed for ${account.user}: only the machine itself was checked.`, 'dim');
  if (broken === 0) ui.say(`Healthy: ${about}${beside}.`, 'good');
  else ui.say(`${broken} broken${beside}; ${about}.`, 'strong');
  const fixableOnes = diagnoses.filter(({ fixWith }) => fixWith !== undefined).length;
  if (fixableOnes > 0)
    ui.say(
      `Fix ${fixableOnes === diagnoses.length ? 'it' : `${fixableOnes} of them`}:  claude-routing-install doctor --fix`,
    );
}

/** One object for programs. */
function reportRecord({ examined, ms }: Seen, healthy: boolean): object {
  const diagnoses = examined.diagnoses.map(({ check, severity, symptom, problem, evidence, fix, fixWith, code }) => ({
    check,
    severity,
    symptom,
    code,
    cause: problem,
    evidence,
    fix,
    fixable: fixWith !== undefined,
    // The names until 1.1; for one release more.
    ailment: check === now ? formerly : check,
    mendable: fixWith !== undefined,
  }));
  return { healthy, ms: Math.round(ms), diagnoses, looked: examined.looked };
}
