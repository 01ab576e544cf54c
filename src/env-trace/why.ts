import { type Precedence, precedences, type VariablePlaces, type VariableSource } from '../checks/variable-source.ts';
import { type LauncherName, type Layout, launcherNames } from '../layout.ts';
import { usualConfigDir } from './find-variable-sources.ts';
import {
  type Credential,
  credentials,
  launcherUnsets,
  loginOf,
  pinHolds,
  projectsMaySet,
  settingsMaySet,
} from './watched-variables.ts';

/** What starts Claude Code: one of our launchers, or its own command. */
export type Starter = LauncherName | 'claude';
export const starters: readonly Starter[] = [...launcherNames, 'claude'];

/** Why a place does not decide. */
export interface Passed {
  readonly place: VariableSource;
  readonly reason: string;
}

/** Where a variable has its value from when Claude Code is started so, and why every other place does not count. */
export interface Explanation {
  readonly starter: Starter;
  readonly name: string;
  /** Undefined: nothing sets it, and the client does what it does by itself. */
  readonly winner: VariableSource | undefined;
  readonly passed: readonly Passed[];
}

/** The places of a machine as one start of the client sees them. */
interface Start {
  readonly starter: Starter;
  readonly layout: Layout;
  readonly places: readonly VariableSource[];
}

/** Decides by the rules of the client, see watched-variables.ts. Options of the command line are not known here; they stand between managed and local settings. */
export function explain(name: string, start: Start): Explanation {
  const about = start.places.filter(
    (place) => place.name === name || (place.name === 'model' && name === modelVariable),
  );
  const reasons = about.map((place) => ({ place, reason: outOfPlay(place, start) }));
  const candidates = reasons.flatMap(({ place, reason }) => (reason === undefined ? [place] : []));
  const winner = strongest(candidates);
  const own = strongest(candidates.filter((place) => isOf(place, start.starter)));
  return {
    starter: start.starter,
    name,
    winner,
    passed: reasons.flatMap(({ place, reason }, index) => {
      if (isSameLine(place, winner) || about.slice(0, index).some((earlier) => isSameLine(place, earlier))) return [];
      // Of a launcher that sets it twice the last line counts, and other launchers are others' affair.
      if (isOurLauncher(place, start) !== (place === own)) return [];
      return [{ place, reason: reason ?? beatenBy(winner, place) }];
    }),
  };
}

/** A line can be a place in two ways: in the home directory the person's settings are those of a project, too. */
function isSameLine(place: VariableSource, other: VariableSource | undefined): boolean {
  if (place === other) return true;
  if (!place.layer.endsWith('-settings') || other?.layer.endsWith('-settings') !== true) return false;
  return (
    place.path !== undefined && place.path === other.path && place.line === other.line && place.name === other.name
  );
}

/** A setting of that name is the weakest way to say it. */
const modelVariable = 'ANTHROPIC_MODEL';

/** The launchers that are there, and the client's own command. */
export function startersAmong(places: readonly VariableSource[]): readonly Starter[] {
  return starters.filter((starter) => starter === 'claude' || places.some((place) => isOf(place, starter)));
}

function isOf({ layer, within }: VariableSource, starter: Starter): boolean {
  return layer === 'launcher' && within === starter;
}

function isOurLauncher({ layer, within }: VariableSource, { starter }: Start): boolean {
  return layer === 'launcher' && (within === starter || launcherNames.some((name) => name === within));
}

/** Of two places in one layer the later one counts. */
function strongest(candidates: readonly VariableSource[]): VariableSource | undefined {
  const strength = ({ layer, setting, name }: VariableSource): number =>
    precedences.indexOf(layer) + (setting === true && name === 'model' ? precedences.length : 0);
  return [...candidates].reverse().sort((a, b) => strength(a) - strength(b))[0];
}

function beatenBy(winner: VariableSource | undefined, place: VariableSource): string {
  if (winner === undefined) return 'not looked at';
  if (place.name !== winner.name) return `overridden by ${winner.name}`;
  if (place.layer !== winner.layer) return `overridden by ${precedenceWords[winner.layer]}`;
  return place.path === winner.path ? `set again in line ${winner.line}` : `overridden by ${winner.path}`;
}

/** In the words of the report, to be read after "beaten by". */
export const precedenceWords: Readonly<Record<Precedence, string>> = {
  'managed-settings': 'managed settings',
  'local-settings': 'local settings',
  'project-settings': 'project settings',
  'user-settings': 'user settings',
  'client-state': "the client's .claude.json",
  launcher: 'the launcher',
  'secrets-file': 'the secrets file',
  'this-shell': 'this shell',
  'shell-file': 'a shell file',
  'system-file': 'a system file',
  'user-manager': "the user's systemd",
  'environment-d': 'environment.d',
};

/** Why a place does not take part at all; undefined when it does. */
function outOfPlay(place: VariableSource, start: Start): string | undefined {
  switch (place.layer) {
    case 'managed-settings':
    case 'local-settings':
    case 'project-settings':
    case 'user-settings':
    case 'client-state':
      return notFromSettings(place, start);
    case 'launcher':
      return isOf(place, start.starter) ? notReached(place) : `only when ${place.within} is called`;
    case 'this-shell':
      return unsetFirst(place, start);
    case 'shell-file':
    case 'system-file':
      return notReached(place) ?? unsetFirst(place, start) ?? againstThisShell(place, start);
    case 'secrets-file':
      return 'only the gateway and the launchers read this file';
    case 'user-manager':
    case 'environment-d':
      return "only what the user's systemd starts gets it";
  }
}

function notFromSettings(place: VariableSource, start: Start): string | undefined {
  const { name, layer, elsewhere, project, configDir } = place;
  if (elsewhere === true) return `counts in ${project} only`;
  if (configDir !== undefined && configDir !== configDirOf(start)) return `${start.starter} does not read ${configDir}`;
  if (isPinned(start) && pinHolds(name)) return 'ignored: the launcher pins the route';
  if (!settingsMaySet(name)) return 'Claude Code does not take it from settings';
  const ofProject = layer === 'local-settings' || layer === 'project-settings';
  return ofProject && !projectsMaySet(name) ? 'Claude Code does not take it from a project' : undefined;
}

function configDirOf({ starter, layout, places }: Start): string {
  if (starter === 'claude-api') return layout.apiConfigDir;
  if (starter !== 'claude') return layout.routedConfigDir;
  const own = places.find(({ layer, name }) => layer === 'this-shell' && name === 'CLAUDE_CONFIG_DIR')?.value.reveal();
  return own === undefined || own === '' ? usualConfigDir(layout) : own;
}

function isPinned({ starter, places }: Start): boolean {
  return places.some((place) => isOf(place, starter) && place.name === 'CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST');
}

function unsetFirst({ name }: VariableSource, { starter }: Start): string | undefined {
  return starter !== 'claude' && launcherUnsets(name) ? 'unset by the launcher' : undefined;
}

function notReached({ reach, within }: VariableSource): string | undefined {
  switch (reach) {
    case 'shell-only':
      return 'not exported, so no program sees it';
    case 'in-function':
      return `only when ${within} is called`;
    case 'one-command':
      return within === undefined ? 'for one command only' : `only for the command in ${within}`;
    default:
      return undefined;
  }
}

/** A file of the shell counts through the shell alone. */
function againstThisShell({ name, value, unexpanded }: VariableSource, { places }: Start): string {
  const here = places.find((place) => place.layer === 'this-shell' && place.name === name);
  if (here === undefined) return 'not in this shell; a new one may have it';
  if (here.value.equals(value)) return 'this shell has it from here';
  return unexpanded === true ? 'this shell may have it from here' : 'this shell has a different value';
}

/** What is set beside the launchers' own. */
export function namesSet({ places }: VariablePlaces): readonly string[] {
  const names = places.filter(({ layer, name }) => layer !== 'launcher' && name !== 'model').map(({ name }) => name);
  const model = places.some(({ name }) => name === 'model') ? ['ANTHROPIC_MODEL'] : [];
  return [...new Set([...names, ...model])].sort();
}

/** The places of the keys that a request carries in its two headers. */
export interface SentKeys {
  readonly starter: Starter;
  readonly authorization: VariableSource | undefined;
  readonly apiKey: VariableSource | undefined;
}

/** Which keys are sent when Claude Code is started so. */
export function sentKeys(start: Start): SentKeys {
  const winners = new Map<string, VariableSource>();
  for (const name of credentials) {
    const { winner } = explain(name, start);
    if (winner !== undefined && winner.value.reveal() !== '') winners.set(name, winner);
  }
  const login = loginOf(new Set(winners.keys()));
  const placeOf = (name: Credential | undefined) => (name === undefined ? undefined : winners.get(name));
  return { starter: start.starter, authorization: placeOf(login.authorization), apiKey: placeOf(login.apiKey) };
}
