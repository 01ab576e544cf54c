import type { Probe } from './host.ts';

/** Milliseconds between two refreshes; Debian's sudo forgets after fifteen minutes. */
const refreshEvery = 4 * 60_000;

/** Makes sure that later commands can use sudo without a question. Asks for the password now, on the terminal itself, where that is allowed. */
export async function acquireSudo(uid: number, interactive: boolean, probe: Probe): Promise<boolean> {
  if (uid === 0 || (await ready(probe, 'true'))) return true;
  if (!interactive) return false;
  const { runOnTerminal } = await import('./run-command.ts');
  if ((await runOnTerminal('sudo', ['-v'])) !== 0) return false;
  setInterval(() => void ready(probe, '-v'), refreshEvery).unref();
  return true;
}

async function ready(probe: Probe, word: 'true' | '-v'): Promise<boolean> {
  const { exitCode } = await probe.query({ file: 'sudo', args: ['-n', word] });
  return exitCode === 0;
}
