import type { Problem } from '../engine/finding.ts';
import { isRoutingVariable } from './routing-variables.ts';

const fresh = '{\n  "effortLevel": "high",\n  "theme": "auto"\n}\n';

/**
 * The settings.json of the routed configuration directory: made when there is none, otherwise left as it is except for
 * variables in `env` that decide where requests go. A `model` key is Claude Code's own doing and stays.
 */
export function mergeRoutedSettings(
  current: string | undefined,
): { readonly text: string; readonly removed: readonly string[] } | Problem {
  if (current === undefined || current.trim() === '') return { text: fresh, removed: [] };
  const settings = parsedObject(current);
  if ('problem' in settings) return settings;
  const { env } = settings.value;
  if (env === undefined) return { text: current, removed: [] };
  if (!isObject(env)) return unusable('its "env" is not an object');
  const removed = Object.keys(env).filter(isRoutingVariable);
  if (removed.length === 0) return { text: current, removed };
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !isRoutingVariable(name)));
  const next: Record<string, unknown> = { ...settings.value, env: kept };
  if (Object.keys(kept).length === 0) delete next.env;
  return { text: JSON.stringify(next, undefined, indentOf(current)) + (/\r?\n$/.exec(current)?.[0] ?? ''), removed };
}

function parsedObject(text: string): { readonly value: Record<string, unknown> } | Problem {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? { value } : unusable('it is not a JSON object');
  } catch {
    return unusable(`line ${firstBadLine(text)} is not JSON`);
  }
}

/** The first line after which no continuation could make JSON of it; the last line when it only stops too early. */
function firstBadLine(text: string): number {
  const lines = text.split('\n');
  const bad = lines.findIndex((_, index) => !couldContinue(lines.slice(0, index + 1).join('\n')));
  return bad === -1 ? lines.length : bad + 1;
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unusable(what: string): Problem {
  return {
    problem: `~/.claude-routed/settings.json cannot be used: ${what}`,
    fix: 'mend it, or move it away: mv ~/.claude-routed/settings.json ~/.claude-routed/settings.json.old',
  };
}
