import type { Command, Probe } from './host.ts';

/** Whether sudo does something without a question, in the form in which everything is asked of it: some may run a few programs only. */
export const asksNothing: Command = { file: 'sudo', args: ['-n', 'env', 'true'] };

/** Whether sudo decides only once a password is typed: even users whom no rule names are asked for one first. */
export function awaitsPassword(said: string): boolean {
  return /sudo: a (password|terminal) is required/.test(said);
}

/** Milliseconds between two refreshes; Debian's sudo forgets after fifteen minutes. */
const refreshEvery = 4 * 60_000;

/** Makes sure that later commands can use sudo without a question. Asks for the password now, on the terminal itself, where that is allowed. */
export async function acquireSudo(uid: number, interactive: boolean, probe: Probe): Promise<boolean> {
  if (uid === 0 || (await ready(probe, asksNothing))) return true;
  if (!interactive) return false;
  const { runOnTerminal } = await import('./run-command.ts');
  // If it is configured to remember nothing (timestamp_timeout=0), the typed password does not help any later command.
  if ((await runOnTerminal('sudo', ['-v'])) !== 0 || !(await ready(probe, asksNothing))) return false;
  setInterval(() => void ready(probe, { file: 'sudo', args: ['-n', '-v'] }), refreshEvery).unref();
  return true;
}

async function ready(probe: Probe, command: Command): Promise<boolean> {
  return (await probe.query(command)).exitCode === 0;
}
