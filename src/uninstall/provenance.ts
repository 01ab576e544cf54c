import { pullAheadName } from '../docker-client/docker.ts';
import { type ActionLog, allCommands, commandsRun, type RecordedCommand } from '../engine/action-log.ts';
import type { SystemdUnitResource, UnitState } from '../resources/resource.ts';
import { wasThere } from './baseline.ts';
import type { Removal } from './removal.ts';

/** Whether something came with us: it was not there before, and a command that brings it was run. Without a journal the note of the first run alone decides. */
export function isOurs(
  { before, history }: Removal,
  path: string,
  brings: (command: RecordedCommand) => boolean,
): boolean {
  const there = wasThere(before, path);
  if (there === true) return false;
  return hasJournal(history) ? allCommands(history).some(brings) : there === false;
}

/** Whether the journal tells of an installation. */
export function hasJournal({ runs }: ActionLog): boolean {
  return runs.some(({ command, actions }) => command === 'install' && actions.length > 0);
}

/** SHA-256 of every text that an installation wrote to a path; what was put back is the person's own. */
export function ourTexts({ runs }: ActionLog, path: string): ReadonlySet<string> {
  const ours = runs.filter(({ command }) => command !== 'restore' && command !== 'uninstall');
  const actions = ours.flatMap(({ actions }) =>
    actions.filter((action) => action.path === path && action.state !== 'failed'),
  );
  return new Set(actions.flatMap(({ sha256 }) => sha256 ?? []));
}

/** Of a file of the system, which every account of the machine may have written: whether this one did, or no journal can tell. */
export function mayBeOurs(history: ActionLog, path: string): boolean {
  return !hasJournal(history) || ourTexts(history, path).size > 0;
}

/** Whether a path is known not to have been there before us. */
export function isNew({ before, history, originals }: Removal, path: string): boolean {
  const there = wasThere(before, path);
  if (there !== undefined) return !there;
  return !originals.has(path) && ourTexts(history, path).size > 0;
}

/** Packages that were missing and that an installation brought, each once. */
export function packagesBrought(history: ActionLog): readonly string[] {
  const installed = packagesAfter(history, 'install');
  return [...new Set(installed)];
}

/** Debian's packages that were removed to make way. */
export function packagesDisplaced(history: ActionLog): readonly string[] {
  return [...new Set(packagesAfter(history, 'remove'))];
}

/** apt-get's options stand before its verb, names behind it. */
function packagesAfter(history: ActionLog, verb: 'install' | 'remove'): readonly string[] {
  return commandsRun(history, 'apt-get').flatMap(({ args }) => {
    const at = args.indexOf(verb);
    return at < 0 ? [] : args.slice(at + 1).filter((word) => /^[a-z0-9][a-z0-9+.-]*$/.test(word));
  });
}

/** Images that were pulled, by their references as they were named. */
export function imagesPulled(history: ActionLog): readonly string[] {
  const ahead = commandsRun(history, 'bash', '-c').filter(({ args }) => args[2] === pullAheadName);
  const pulled = [...commandsRun(history, 'docker', 'pull'), ...ahead].map(({ args }) => args.at(-1) ?? '');
  const hello = commandsRun(history, 'docker', 'run', '--rm', 'hello-world').map(() => 'hello-world');
  return [...new Set([...pulled, ...hello])];
}

const switches = { enable: true, start: true, disable: false, stop: false } as const;

/** A unit of somebody else, brought back to what it was before an installation switched it; nothing where none did. */
export function unitAsBefore(
  history: ActionLog,
  about: Omit<SystemdUnitResource, 'kind' | 'wanted'>,
): readonly SystemdUnitResource[] {
  const wanted = stateBefore(history, about);
  return wanted === undefined ? [] : [{ ...about, kind: 'systemd-unit', wanted }];
}

/** An installation switches only what is not as it wants it: the opposite of that is what it found. */
function stateBefore(
  { runs }: ActionLog,
  { unit, scope }: Pick<SystemdUnitResource, 'unit' | 'scope'>,
): UnitState | undefined {
  const switched = runs.map(({ command, actions }) => ({
    command,
    verbs: actions.flatMap(({ state, command: { program, args } = { program: '', args: [] } }) => {
      const [verb = '', now] = args.filter((word) => word !== '--user');
      const here = program === 'systemctl' && args.at(-1) === unit && args.includes('--user') === (scope === 'user');
      if (!here || state === 'failed' || !isSwitch(verb)) return [];
      return [{ verb, atOnce: now === '--now' || verb === 'start' || verb === 'stop', known: state === 'done' }];
    }),
  }));
  const back = switched.findLastIndex(
    ({ command, verbs }) => command === 'uninstall' && verbs.some(({ known }) => known),
  );
  const since = switched.slice(back + 1).flatMap(({ verbs }) => verbs);
  const [first] = since;
  if (first === undefined) return undefined;
  const before = !switches[first.verb];
  const alike = since.filter(({ verb }) => switches[verb] !== before);
  return {
    ...(alike.some(({ verb }) => verb === 'enable' || verb === 'disable') ? { enabled: before } : {}),
    ...(alike.some(({ atOnce }) => atOnce) ? { active: before } : {}),
  };
}

function isSwitch(verb: string): verb is keyof typeof switches {
  return Object.hasOwn(switches, verb);
}
