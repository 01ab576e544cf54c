import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Probe } from './host.ts';

/** Milliseconds between two refreshes; Debian's sudo forgets after fifteen minutes. */
const refreshEvery = 4 * 60_000;

/** Makes sure that later commands can use sudo without a question. Asks for the password now, on the terminal itself, where that is allowed. */
export async function acquireSudo(uid: number, interactive: boolean, probe: Probe): Promise<boolean> {
  if (uid === 0 || (await ready(probe, 'true'))) return true;
  if (!interactive) return false;
  // A sudo that is missing ends with an error, and is no sudo that is ready.
  const [exitCode] = await once(spawn('sudo', ['-v'], { stdio: 'inherit' }), 'close').catch(() => [127]);
  if (exitCode !== 0) return false;
  setInterval(() => void ready(probe, '-v'), refreshEvery).unref();
  return true;
}

async function ready(probe: Probe, word: 'true' | '-v'): Promise<boolean> {
  const { exitCode } = await probe.query({ file: 'sudo', args: ['-n', word] });
  return exitCode === 0;
}
