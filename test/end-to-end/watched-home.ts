import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { loggedLine } from '../components/gateway/read-request-log.ts';
import { builtProgram } from '../machine/paper/installer.ts';

/** The package on this very machine, with a home that has a request log and nothing else. */
export async function watchedHome() {
  await builtProgram();
  const folder = mkdtempSync(`${tmpdir()}/home-`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const log = `${folder}/.local/state/claude-routing/requests`;
  mkdirSync(log, { recursive: true });
  /** A request that ended just now, or at another time. */
  const answer = (launcher: string, more: Readonly<Record<string, unknown>> = {}, at = new Date()) =>
    appendFileSync(
      `${log}/${at.toISOString().slice(0, 7)}.jsonl`,
      loggedLine({ at: at.toISOString(), launcher, ...more }),
    );
  answer('first');
  const program = fileURLToPath(new URL('../../dist/package/claude-routing-install.cjs', import.meta.url));
  const words = [process.execPath, program, 'watch'];
  return { words, answer, env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: folder } };
}
