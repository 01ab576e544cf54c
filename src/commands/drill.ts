import type { Context } from '../context.ts';
import type { Journal } from '../engine/journal.ts';
import { Cancelled } from '../engine/run-step.ts';
import type { CaseResult, DrillCase } from '../failover-test/drill-case.ts';
import { drillPlan } from '../failover-test/drill-plan.ts';
import { announcement, notCovered, summaryOf, verdictLine } from '../failover-test/report.ts';
import { changeRun } from '../session/change-run.ts';
import { type Drilling, drillReporter, hintsOn, tryRunning, tryThrownAway } from '../session/drill-run.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { installed } from '../session/load-installation.ts';
import type { Program } from '../session/program.ts';
import { stoppedBy } from '../session/walk-steps.ts';

/** Proves on this machine what was promised: what answers, what happens when the local model fails, and that nothing leaks. */
export async function drill(program: Program): Promise<ExitCode> {
  const context = await installed(program);
  const plan = drillPlan(context.answers);
  // It spends a little money, so somebody has to agree.
  return await changeRun(program, {
    name: 'drill',
    needsRoot: false,
    show: () => {
      if (!program.ui.forPrograms) for (const line of announcement(context.answers, plan)) program.ui.say(line);
    },
    consent: 'agree to these requests',
    no: 'no, send nothing',
    work: async (journal) => await runDrill(program, context, plan, journal),
    shieldsItself: true,
  });
}

async function runDrill(
  program: Program,
  context: Context,
  plan: readonly DrillCase[],
  journal: Journal,
): Promise<ExitCode> {
  const started = performance.now();
  const reporter = drillReporter(program);
  const clues = await program.ui.busy('looking at this machine', hintsOn(program, context));
  const inPart = (part: DrillCase['part']) => plan.filter((drilled) => drilled.part === part);
  const drilling: Drilling = { program, context, clues, reporter, journal };
  const running = await tryRunning(drilling, inPart('gateway'));
  try {
    const staged = await program.signals.shield(async () => await tryThrownAway(drilling, inPart('throw-away')));
    return tellEnd(program, context, [...running, ...staged], performance.now() - started);
  } catch (error) {
    if (error instanceof Cancelled) return tellStopped(program);
    throw error;
  }
}

function tellEnd(program: Program, { answers }: Context, tried: readonly CaseResult[], ms: number): ExitCode {
  const { ui } = program;
  const summary = summaryOf(tried, ms);
  const uncovered = notCovered(answers);
  ui.result('verdict', { ...summary, notCovered: uncovered }, () => {
    ui.say('');
    ui.say('Not covered', 'strong');
    for (const line of uncovered) ui.say(`  ${line}`, 'dim');
    ui.say('');
    const { text, tone } = verdictLine(summary);
    ui.say(text, tone);
  });
  return summary.holds ? exitCodes.done : exitCodes.stopped;
}

function tellStopped(program: Program): ExitCode {
  program.ui.say('Stopped, as you asked. The throw-away gateway is gone, and nothing else was touched.', 'warning');
  return stoppedBy(program);
}
