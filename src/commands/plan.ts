import { lookAtMachine } from '../checks/machine.ts';
import { detailLines, problemLines } from '../ui/wording.ts';
import { chooseSteps } from './choose-steps.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { gather } from './gather.ts';
import { blockers, overview, pending, type StepOverview, tellOverview } from './overview.ts';
import type { Program } from './program.ts';

/** What `install` would change, with differences. Changes nothing, and works on machines that `install` refuses. */
export async function plan(program: Program): Promise<ExitCode> {
  const { ui, host, flags, account, platform } = program;
  const found = await lookAtMachine(host, account.home, platform);
  const chosen = chooseSteps(flags.only, flags.skip);
  const context = await gather(program, found);
  if (found.supported.status === 'stop')
    for (const line of problemLines(found.supported, 'warning')) ui.say(line.text, line.tone);
  const overviews = await ui.busy('looking at this machine', overview(chosen, context, host));
  const waiting = pending(overviews);
  if (flags.json) reportAll(program, overviews);
  if (waiting.length === 0) {
    ui.say('Nothing to do: everything is in place.', 'good');
    return exitCodes.done;
  }
  tellOverview(ui, overviews);
  if (flags.verbose) for (const { name, planned } of waiting) tellDetails(program, name.title, planned);
  else ui.say('Every command and difference:  claude-routing-install plan --verbose', 'dim');
  return blockers(overviews).length > 0 ? exitCodes.preconditionNotMet : exitCodes.changesPending;
}

function tellDetails({ ui }: Program, title: string, planned: Parameters<typeof detailLines>[0]): void {
  ui.say('');
  ui.say(title, 'strong');
  for (const line of detailLines(planned)) ui.say(line.text, line.tone);
}

function reportAll({ ui }: Program, overviews: readonly StepOverview[]): void {
  for (const { name, planned } of overviews) {
    for (const { resource, plan: found } of planned)
      ui.report({ type: 'planned', step: name, resource: resource.title, id: resource.id, plan: found });
  }
}
