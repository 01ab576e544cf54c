import type { Command, Probe } from '../../host/host.ts';
import type { Problem } from '../../problem.ts';
import { shellWord } from '../../shell/word.ts';

/** What the engine and what starts it said last. */
export const engineJournal: Command = {
  file: 'journalctl',
  args: ['--user', '--unit', 'docker.service', '--output', 'cat', '--lines', '300', '--no-pager'],
};

/**
 * The last words of an engine that does not start, by its journal; undefined where its last start held, or where the journal says
 * nothing of it. Seen with Docker 26.1, RootlessKit 2.3 and systemd 257.
 */
export function failedStart(journal: string): string | undefined {
  const lines = journal.split('\n').map((line) => line.trim());
  const since = lines.slice(lines.findLastIndex((line) => line.startsWith('Started docker.service')) + 1);
  if (!since.some((line) => line.startsWith('docker.service: Failed with result'))) return undefined;
  return since.findLast((line) => line !== '' && !besides.test(line))?.replace(/^\[rootlesskit:parent\] error: /, '');
}

/** What the script traces, what systemd says of every start, what only passes an error on, and what is none. */
const besides =
  /^\+|^docker\.service: |^(?:Starting|Stopping|Stopped|Failed to start) |^\[rootlesskit:\w+ *\].*(?:child|command \[\S+\]) exited|\blevel=(?:debug|info|warning)\b/;

const configuration = /unable to configure the Docker daemon with file (\S+): (.*)/;
const closed = /(\/[^\s:]+): permission denied/;
const start = 'then  systemctl --user reset-failed docker.service; systemctl --user start docker.service';

/**
 * Why the engine does not start where only a person can fix that, by what it said last; undefined where trying again may help, as
 * when it was fixed since.
 */
export async function startForbidden(probe: Probe, uid: number, said: string): Promise<Problem | undefined> {
  const [, file, mistake] = configuration.exec(said) ?? [];
  if (file !== undefined) {
    const args = ['--validate', '--config-file', file];
    if ((await probe.query({ file: 'dockerd', args })).exitCode === 0) return undefined;
    return {
      code: 'service-does-not-start',
      problem: `the engine does not start, because it does not accept ${file}: ${mistake}`,
      fix: `correct it until this says that it is OK:  dockerd ${args.map(shellWord).join(' ')}  ${start}`,
    };
  }
  const path = closed.exec(said)?.[1];
  if (path === undefined || (await probe.stat(path).catch(() => undefined))?.uid === uid) return undefined;
  return {
    code: 'service-does-not-start',
    problem: `the engine does not start, because it may not use ${path}`,
    fix: `see whose it is, and each folder above it:  namei -l ${shellWord(path)}  let it be yours:  sudo chown "$USER": ${shellWord(path)}  ${start}`,
  };
}
