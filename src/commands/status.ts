import { lookAround } from '../status/look-around.ts';
import { statusLines } from '../status/words.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Program, requireInstallation } from './program.ts';
import { standing } from './standing.ts';

/** What is installed, what runs, and what has drifted: one screen. Asks and changes nothing, and waits for nobody longer than a second. */
export async function status(program: Program): Promise<ExitCode> {
  const { host, ui, flags } = program;
  await requireInstallation(program);
  const report = await ui.busy('looking at this machine', lookAround(host, await standing(program)));
  ui.result('status', report, () => {
    for (const { text, tone } of statusLines(report, flags.verbose)) ui.say(text, tone);
    if (!report.asWanted) ui.say('Mend it:  claude-routing-install   Look closer:  claude-routing-install plan');
  });
  return report.asWanted ? exitCodes.done : exitCodes.changesPending;
}
