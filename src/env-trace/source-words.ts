import { routingHeader } from '../components/launchers/environment.ts';
import { isKeyName, looksLikeKey } from './key-shapes.ts';
import type { VariableSource } from './variable-source.ts';
import { precedenceWords } from './why.ts';

/** The value as it may be seen: a key as a fingerprint, everything else as it is. */
export function shownValue(place: VariableSource): string {
  const { name, value, unexpanded } = place;
  const text = value.reveal();
  if (text === '') return '(empty)';
  // A variable of the shell is no key; which one it is can be read.
  if (unexpanded === true && /^\$\{?\w+\}?$|\bwindow\b/.test(text)) return launcherValue(place) ?? text;
  // A command, in which somebody may have written the key itself.
  if (name === 'apiKeyHelper') return `${text.trim().split(/\s/)[0]} …`;
  if (isKeyName(name) && !isOurHeader(text)) return `key ${value.fingerprint()}`;
  return looksLikeKey(text) ? `with a key in it, ${value.fingerprint()}` : text.replaceAll('\n', '\\n');
}

/** What our launchers find out at each start. */
function launcherValue({ layer, value }: VariableSource): string | undefined {
  if (layer !== 'launcher') return undefined;
  if (value.reveal() === '$key') return 'key of the secrets file';
  return /\bwindow\b/.test(value.reveal()) ? 'as loaded now' : undefined;
}

/** The headers of our launchers say what they are. */
function isOurHeader(text: string): boolean {
  return text.startsWith(`${routingHeader}: `) && !text.includes('\n');
}

/** Where it is, to be looked up: a path with its line, or what has no path. */
export function whereabouts({ path, line, layer }: VariableSource): string {
  if (path === undefined) return precedenceWords[layer];
  return line === undefined ? path : `${path}:${line}`;
}

/** Where it is; of settings also which kind, because the path alone does not tell. */
export function placeWords(place: VariableSource): string {
  const { layer, setting, name } = place;
  const kind = layer.endsWith('-settings')
    ? ` (${precedenceWords[layer]}${setting === true ? `, "${name}"` : ''})`
    : '';
  return `${whereabouts(place)}${kind}`;
}
