import { environmentTwin } from '../config/answers-file.ts';
import { readSavedAnswers } from '../config/saved.ts';
import { compareVersions } from '../config/version.ts';
import type { Effect } from '../host/host.ts';
import type { Program } from '../session/program.ts';

/** How long an answer is believed, in milliseconds; shorter than the day after which it is asked again. */
const believedMs = 23 * 60 * 60_000;

/** What an earlier run found out. */
export interface ReleaseNote {
  /** When, in milliseconds since 1970; 0 where it never did. */
  readonly at: number;
  /** The newest release; undefined if it could not be found out. */
  readonly newest: string | undefined;
}

/** Only a line that this program wrote itself is believed. */
export function readReleaseNote(text: string | undefined): ReleaseNote {
  const [, at, newest] = /^(\d{1,12}) ?(\d{1,9}\.\d{1,9}\.\d{1,9})?$/.exec((text ?? '').trim()) ?? [];
  return { at: Number(at ?? 0) * 1000, newest };
}

/** What to do about it: what to tell the person, if anything, and whether it is time to ask again. */
export function releaseNews(note: ReleaseNote, present: string, now: number): { line?: string; isStale: boolean } {
  const isStale = now - note.at > believedMs || note.at > now;
  if (note.newest === undefined || compareVersions(note.newest, present) <= 0) return { isStale };
  return {
    isStale,
    line: `claude-routing-install ${note.newest} is out; this is ${present}. Get it:  npx claude-routing-install@latest update`,
  };
}

/** What is needed of the program. */
type Teller = Pick<Program, 'ui' | 'host' | 'layout' | 'environment'>;

/**
 * Says at the end of a command that there is a newer release, as an earlier run noted it, and at most once a day has it
 * noted anew by a process of its own. Only for a person in front of an installation who did not switch it off, with
 * `installer.tellReleases` or one of the variables that other programs go by. Nothing waits for it, and it fails nothing.
 */
export async function tellNewerRelease(program: Teller, now = Date.now()): Promise<void> {
  const { ui, host, layout } = program;
  if (!ui.interactive || isUnwanted(program.environment)) return;
  try {
    const answers = readSavedAnswers(await host.readFile(layout.savedAnswers));
    if (answers?.installer.tellReleases !== true) return;
    const { line, isStale } = releaseNews(
      readReleaseNote(await host.readFile(layout.releaseNote)),
      PROGRAM_VERSION,
      now,
    );
    if (line !== undefined) ui.say(line, 'dim');
    if (isStale) await host.perform(notingAnew(program));
  } catch {
    // Whatever is wrong is reported elsewhere; this is only about news.
  }
}

function isUnwanted(environment: Program['environment']): boolean {
  const set = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== 'false';
  return (
    set(environment.CI) ||
    set(environment.NO_UPDATE_NOTIFIER) ||
    environment[environmentTwin('installer.tellReleases')] === 'false'
  );
}

/**
 * npm asks the registry that this machine's own configuration names. In the home, so that no .npmrc of a cloned repository
 * names another one. The time is noted first: a registry that hangs is not asked again before tomorrow.
 */
function notingAnew({ layout, environment }: Teller): Effect {
  const script = [
    'exec </dev/null >/dev/null 2>&1; umask 077',
    'date +%s >"$1"',
    'newest=$(timeout 60 npm view claude-routing-install version | head -c 40)',
    'case $newest in "" | *[!0-9.]*) ;; *) echo "$(date +%s) $newest" >"$1" ;; esac',
  ].join('\n');
  const registry = environment['npm_config_registry'] ?? environment['NPM_CONFIG_REGISTRY'];
  return {
    do: 'run',
    why: 'note the newest release',
    command: {
      file: 'setsid',
      args: ['--fork', '/bin/sh', '-c', script, 'sh', layout.releaseNote],
      cwd: layout.home,
      timeoutMs: 2000,
      ...(registry === undefined ? {} : { env: { npm_config_registry: registry } }),
    },
  };
}
