import { monthOfFile } from '../components/gateway/request-log.ts';
import { type ExitCode, exitCodes } from '../session/exit-codes.ts';
import type { Program } from '../session/program.ts';
import { sayLines } from '../ui/wording.ts';
import { readUsage } from '../usage/read-usage.ts';
import { usageLines } from '../usage/words.ts';

/** How often each backend answered and what it cost, from the gateway's request log. Reads files only; the gateway need not run. */
export async function usage(
  program: Program,
  { days }: { readonly days: number },
  now: Date = new Date(),
): Promise<ExitCode> {
  const { host, layout, ui } = program;
  const { found, period } = await readUsage(program, days, now);
  ui.result('usage', { period, ...found }, () => {
    sayLines(ui, usageLines(found, period));
  });
  if (found.total.requests === 0 && !ui.forPrograms) await hint(host.list(layout.requestLogDir), ui.say);
  return exitCodes.done;
}

/** What to do when nothing was found: whether there is anything older, or nothing at all. */
async function hint(names: Promise<readonly string[]>, say: (text: string) => void): Promise<void> {
  const oldest = (await names).flatMap((name) => monthOfFile(name) ?? []).sort()[0];
  say(
    oldest === undefined
      ? 'The log is empty. It grows with each request of:  claude-routed, claude-local, claude-offline'
      : `The log begins in ${oldest}. Look further back:  claude-routing-install usage --days 60`,
  );
}
