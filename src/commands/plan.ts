import { lookAtMachine } from '../checks/machine.ts';
import { type Selection, selected } from '../command-line/usage-problems.ts';
import type { Context, InstallerStep } from '../context.ts';
import { steps } from '../registry/steps.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { loadConfig } from '../session/load-installation.ts';
import { blockers, pending, preview, printPreview, reportPlans } from '../session/preview.ts';
import { type Program, tellProblems } from '../session/program.ts';
import { readStamp } from '../status/verification.ts';
import { detailLines } from '../ui/detail-lines.ts';
import { sayLines } from '../ui/wording.ts';

interface PlanOptions extends Selection {
  readonly verbose?: boolean;
}

/** What `install` would change, with differences. Changes nothing, and works on machines that `install` refuses. */
export async function plan(program: Program, { verbose, ...selection }: PlanOptions): Promise<ExitCode> {
  const { ui, host, account, platform } = program;
  const found = await lookAtMachine(host, account.home, platform);
  const chosen = selected('step', steps, selection);
  const context = await loadConfig(program);
  if (found.supported.status === 'stop') tellProblems(ui, [found.supported], 'warning');
  const overviews = await ui.busy('looking at this machine', preview(chosen, context, host));
  const waiting = pending(overviews);
  reportPlans(ui, overviews);
  if (waiting.length === 0) {
    if (await proofDue(program, chosen, context)) return exitCodes.changesPending;
    ui.say('Nothing to do: everything is in place.', 'good');
    return exitCodes.done;
  }
  printPreview(ui, overviews);
  if (verbose === true) for (const { name, planned } of waiting) tellDetails(program, name.title, planned);
  else ui.say('Every command and difference:  claude-routing-install plan --verbose', 'dim');
  return blockers(overviews).length > 0 ? exitCodes.preconditionNotMet : exitCodes.changesPending;
}

/** An installation whose proofs did not hold, or were never reached, is not done: `install` would send them again. */
async function proofDue({ host, ui }: Program, chosen: readonly InstallerStep[], context: Context): Promise<boolean> {
  if (!chosen.some(({ provesEverything }) => provesEverything === true) || (await readStamp(host, context)))
    return false;
  ui.say('Everything is in place, but not yet proven as it stands. Prove it:  claude-routing-install', 'warning');
  return true;
}

function tellDetails({ ui }: Program, title: string, planned: Parameters<typeof detailLines>[0]): void {
  ui.say('');
  ui.say(title, 'strong');
  sayLines(ui, detailLines(planned));
}
