import { failure, type Result, success } from '../../problem.ts';
import { shellWord } from '../../shell/word.ts';
import { isObject, withoutMark } from '../../text/json.ts';
import { isRoutingVariable } from './routing-variables.ts';

const fresh = '{\n  "effortLevel": "high",\n  "theme": "auto"\n}\n';

/** What became of the person's settings. */
export interface MergedSettings {
  readonly text: string;
  /** Variables of `env` that had to go. */
  readonly removed: readonly string[];
  /** `foreign`: a status line was chosen, and the person has one of their own, which stays. */
  readonly statusLine: 'kept' | 'set' | 'removed' | 'foreign';
}

/**
 * The settings.json of the routed configuration directory: made when there is none, otherwise left as it is except for
 * variables in `env` that decide where requests go, and for our own status line. `script` is the path of that status line's
 * program, `wanted` whether it was chosen. A `model` key is Claude Code's own doing and stays.
 */
export function mergeRoutedSettings(
  current: string | undefined,
  { script, wanted }: { readonly script: string; readonly wanted: boolean },
): Result<MergedSettings> {
  const before = current === undefined || withoutMark(current).trim() === '' ? fresh : current;
  const settings = parsedObject(before);
  if (!settings.ok) return settings;
  const { env } = settings.value;
  if (env !== undefined && !isObject(env)) return unusable('its "env" is not an object');
  const removed = Object.keys(env ?? {}).filter(isRoutingVariable);
  const statusLine = decided(settings.value.statusLine, script, wanted);
  if (removed.length === 0 && (statusLine === 'kept' || statusLine === 'foreign')) {
    return success({ text: before, removed, statusLine });
  }
  const next = { ...settings.value, ...withoutVariables(env, removed) };
  if (statusLine === 'set') next.statusLine = ownStatusLine(script);
  if (statusLine === 'removed') delete next.statusLine;
  if (isObject(next.env) && removed.length > 0 && Object.keys(next.env).length === 0) delete next.env;
  return success({ text: writtenAs(before, next), removed, statusLine });
}

/**
 * The settings without what `mergeRoutedSettings` did to them: our status line gone, variables that had to go put back
 * unless somebody has set them since. Undefined if nothing in it is the person's; the same text if there was nothing to undo.
 */
export function releaseRoutedSettings(
  current: string,
  script: string,
  original: string | undefined,
): string | undefined {
  const settings = parsedObject(current);
  if (!settings.ok) return current;
  const { env: present, ...rest } = settings.value;
  const next: Record<string, unknown> = { ...rest };
  const ownLine = isObject(next.statusLine) && next.statusLine.command === shellWord(script);
  if (ownLine) delete next.statusLine;
  const missing = removedVariables(original, present);
  const env = { ...missing, ...(isObject(present) ? present : {}) };
  if (present !== undefined || Object.keys(missing).length > 0) next.env = env;
  if (original === undefined && JSON.stringify(next) === JSON.stringify(JSON.parse(fresh))) return undefined;
  if (!ownLine && Object.keys(missing).length === 0) return current;
  return writtenAs(current, next);
}

function removedVariables(original: string | undefined, present: unknown): Record<string, unknown> {
  const before = original === undefined ? undefined : parsedObject(original);
  if (before?.ok !== true || !isObject(before.value.env)) return {};
  const now = isObject(present) ? present : {};
  return Object.fromEntries(
    Object.entries(before.value.env).filter(([name]) => isRoutingVariable(name) && !(name in now)),
  );
}

/** The command runs in a shell, and also every five seconds, because whoever waits for a local server moves up in the meantime. */
function ownStatusLine(script: string): Record<string, unknown> {
  return { type: 'command', command: shellWord(script), refreshInterval: 5 };
}

function decided(present: unknown, script: string, wanted: boolean): MergedSettings['statusLine'] {
  if (present === undefined) return wanted ? 'set' : 'kept';
  const ours = isObject(present) && present.command === shellWord(script);
  // Until 1.1 it was written without an interval.
  if (ours) return wanted ? (present.refreshInterval === undefined ? 'set' : 'kept') : 'removed';
  return wanted ? 'foreign' : 'kept';
}

function withoutVariables(env: unknown, removed: readonly string[]): Record<string, unknown> {
  if (!isObject(env) || removed.length === 0) return {};
  return { env: Object.fromEntries(Object.entries(env).filter(([name]) => !removed.includes(name))) };
}

/** With the byte order mark, the indentation and the line ends of the former text. */
function writtenAs(former: string, settings: Record<string, unknown>): string {
  const json = withoutMark(former);
  const text = JSON.stringify(settings, undefined, indentOf(json)) + (/\n$/.exec(json)?.[0] ?? '');
  const mark = former.slice(0, former.length - json.length);
  return mark + (json.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text);
}

/** Characters; a hundred times the longest settings that were seen. Longer ones take seconds to read. */
const longest = 262_144;

function parsedObject(text: string): Result<Record<string, unknown>> {
  if (text.length > longest) return unusable(`it is longer than ${longest.toLocaleString('en-US')} characters`);
  try {
    const value: unknown = JSON.parse(withoutMark(text));
    // Serialising it recurses for each level, and thousands of levels would end the program.
    JSON.stringify(value);
    return isObject(value) ? success(value) : unusable('it is not a JSON object');
  } catch (error) {
    if (error instanceof RangeError) return unusable('it has too many levels');
    return unusable(`line ${firstBadLine(withoutMark(text))} is not JSON`);
  }
}

/** The first line after which no continuation could make JSON of it; the last line when it only stops too early. */
export function firstBadLine(text: string): number {
  // What cannot be continued cannot be fixed by more of it, so the line is found by halving.
  let [good, bad] = [0, text.length];
  let found = text.length;
  while (good < bad) {
    const middle = Math.floor((good + bad) / 2);
    const newline = text.indexOf('\n', middle);
    const end = newline === -1 ? text.length : newline;
    if (couldContinue(text.slice(0, end))) good = end + 1;
    else {
      bad = middle === 0 ? 0 : text.lastIndexOf('\n', middle - 1) + 1;
      found = bad;
    }
  }
  return text.slice(0, found).split('\n').length;
}

function couldContinue(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = /position (\d+)/.exec(message)?.[1];
    return (
      /end of JSON input|Unterminated string/.test(message) ||
      (position !== undefined && Number(position) >= prefix.length)
    );
  }
}

function indentOf(text: string): string | number {
  return /^\s*\{\r?\n([ \t]+)/.exec(text)?.[1] ?? (text.trim().includes('\n') ? 2 : 0);
}

function unusable(what: string): Result<never> {
  return failure({
    code: 'settings-unusable',
    problem: `~/.claude-routed/settings.json cannot be used: ${what}`,
    fix: 'fix it, or move it away: mv ~/.claude-routed/settings.json ~/.claude-routed/settings.json.old',
  });
}
