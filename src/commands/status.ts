import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import { installationState } from '../session/installation-state.ts';
import { requireInstallation } from '../session/load-installation.ts';
import type { Program } from '../session/program.ts';
import { lookAround } from '../status/look-around.ts';
import { statusLines } from '../status/words.ts';
import { sayLines } from '../ui/wording.ts';

/** What is installed, what runs, and what has drifted: one screen. Asks and changes nothing, and waits for nobody longer than a second. */
export async function status(program: Program, { verbose = false }: { readonly verbose?: boolean }): Promise<ExitCode> {
  const { host, ui } = program;
  await requireInstallation(program);
  const report = await ui.busy('looking at this machine', lookAround(host, await installationState(program)));
  ui.result('status', report, () => {
    sayLines(ui, statusLines(report, verbose));
    if (!report.asWanted) ui.say('Fix it:  claude-routing-install   Look closer:  claude-routing-install plan');
  });
  return report.asWanted ? exitCodes.done : exitCodes.changesPending;
}
