import { findUserBus } from '../checks/login-session.ts';
import { accountFinding, lookAtMachine, spaceFinding } from '../checks/machine.ts';
import { type Selection, selected } from '../command-line/selection.ts';
import type { Context } from '../context.ts';
import type { Journal } from '../engine/journal.ts';
import { steps } from '../registry/steps.ts';
import { applySteps } from '../session/apply-steps.ts';
import { carryOut, leaveAsItIs } from '../session/change-run.ts';
import { askConfirmation, changedContext } from '../session/confirmation.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { requireKnownFormats } from '../session/known-formats.ts';
import { loadConfig, ownAddresses } from '../session/load-installation.ts';
import { rememberAnswers } from '../session/offered-answers.ts';
import { pending, preview, type StepPreview, takesRoot } from '../session/preview.ts';
import { type Program, Refused, refuseOn, tellProblems } from '../session/program.ts';
import { readStamp } from '../status/verification.ts';
import { duration } from '../ui/wording.ts';
import { noteBefore } from '../uninstall/baseline.ts';

/** The whole story: look, ask, show, confirm, do, prove. */
export async function install(program: Program, selection: Selection): Promise<ExitCode> {
  const { ui, host } = program;
  const started = performance.now();
  const chosen = selected('step', steps, selection);
  await requireFitMachine(program);
  await requireKnownFormats(program);
  // Before anything that leaves a trace: the first sudo makes a file, the lock and the journal make folders.
  const before = await noteBefore(host, program.layout);
  if (!before.ok) throw new Refused(exitCodes.preconditionNotMet, before.problem);
  const { asking, settled } = await rememberAnswers(program);
  let context = await loadConfig(asking);
  for (;;) {
    const overviews = await ui.busy('looking at this machine', preview(chosen, context, host));
    const proven = await readStamp(host, context);
    if (pending(overviews).length === 0 && proven)
      return await settled(context, await nothingToDo(program, context, overviews, started));
    const consent = await askConfirmation(program, context, overviews);
    if (consent === 'no') return leaveAsItIs(program);
    if (consent !== 'yes' && consent !== 'each') {
      context = await changedContext(asking, context, consent);
      continue;
    }
    const options = { askEach: consent === 'each', proofDue: !proven };
    const work = async (journal: Journal) => {
      if (before.value !== undefined) await host.perform(before.value);
      return await applySteps(program, chosen, context, journal, { ...options, started: performance.now() });
    };
    const ended = await carryOut(program, { name: 'install', needsRoot: takesRoot(overviews), work });
    return await settled(context, ended);
  }
}

/** What the machine must be comes before the first question, so that nobody answers six of them in vain. */
async function requireFitMachine(program: Program): Promise<void> {
  const { ui, account, host, layout, environment, platform } = program;
  ui.say(`claude-routing-install ${PROGRAM_VERSION}   ${account.user}`, 'strong');
  ui.say('Nothing changes until you have seen it. Ctrl-C stops after the current action.', 'dim');
  const found = await lookAtMachine(host, account.home, platform);
  const returning = (await host.stat(layout.savedAnswers)) !== undefined;
  refuseOn(found.supported);
  refuseOn(accountFinding(account.uid, environment['SUDO_USER']), spaceFinding(found, returning));
  refuseOn(await findUserBus(host, layout, ownAddresses()[0] ?? 'THIS-HOST'));
  ui.say(
    `${found.system}, ${found.freeGigabytes ?? '?'} GB free, ${found.memoryGigabytes ?? '?'} GB memory, user bus available`,
    'dim',
  );
}

async function nothingToDo(
  program: Program,
  context: Context,
  overviews: readonly StepPreview[],
  started: number,
): Promise<ExitCode> {
  const { ui } = program;
  const proven = await proveAgain(program, context, overviews);
  for (const { name, notNeeded } of overviews) {
    const outcome =
      notNeeded === undefined
        ? ({ status: 'in-place' } as const)
        : ({ status: 'not-needed', reason: notNeeded } as const);
    ui.report({ type: 'step-ended', step: name, ms: 0, outcome });
  }
  tellProblems(
    ui,
    overviews.flatMap(({ warnings }) => warnings),
    'warning',
  );
  ui.say(`Nothing to do. Proven again: ${proven.join(', ')}. ${duration(performance.now() - started)}`, 'strong');
  return exitCodes.done;
}

/** The proofs that cost nothing. */
async function proveAgain(
  { host }: Program,
  context: Context,
  overviews: readonly StepPreview[],
): Promise<readonly string[]> {
  const proofs = overviews.flatMap(({ step, notNeeded }) => (notNeeded === undefined ? (step.proofs ?? []) : []));
  const results = await Promise.all(
    proofs.filter(({ always }) => always === true).map(async ({ run }) => await run(host, context, () => undefined)),
  );
  const problems = results.flatMap((result) => (result.ok ? [] : [result.problem]));
  if (problems.length > 0) throw new Refused(exitCodes.stopped, ...problems);
  return results.flatMap((result) => (result.ok ? [result.value.note] : []));
}
