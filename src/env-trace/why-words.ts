import type { UnreadablePlace, VariableSource } from '../checks/variable-source.ts';
import { routingHeader } from '../components/launchers/environment.ts';
import { isKeyName, looksLikeKey } from '../host/secret.ts';
import type { Line } from '../ui/wording.ts';
import { type Explanation, precedenceWords, type SentKeys } from './why.ts';

/** Said under one variable. */
export const notLookedAt: Line = {
  text: 'Not looked at: --settings, --model and /model, which come between managed and local settings.',
  tone: 'dim',
};

/** Said under all of them. */
export const lookCloser: Line = { text: 'Look closer:  claude-routing-install doctor why NAME', tone: 'plain' };

/** One variable: for each way to start the client the place that decides, and under it why the others do not. */
export function explanationLines(explained: readonly Explanation[], cwd: string): readonly Line[] {
  const name = explained[0]?.name ?? '';
  return [{ text: `${name}, for Claude Code started in ${cwd}`, tone: 'strong' }, ...explained.flatMap(starterLines)];
}

function starterLines({ starter, winner, passed }: Explanation): readonly Line[] {
  const value = winner === undefined ? 'not set' : `${shownValue(winner)}   ${placeWords(winner)}`;
  return [
    { text: `  ${starter.padEnd(16)}${value}`, tone: winner === undefined ? 'plain' : 'good' },
    ...passed.map(({ place, reason }): Line => {
      return { text: `      ${shownValue(place)}   ${placeWords(place)}: ${reason}`, tone: 'dim' };
    }),
  ];
}

/** Everything that is set beside the launchers' own lines: each place, and who goes by it. */
export function tableLines(explained: readonly (readonly Explanation[])[], cwd: string): readonly Line[] {
  if (explained.length === 0)
    return [{ text: `Nothing other than the launchers sets a routing or limit variable for ${cwd}.`, tone: 'good' }];
  return [
    { text: `Set by something other than the launchers, for Claude Code started in ${cwd}`, tone: 'strong' },
    ...explained.flatMap(variableLines),
  ];
}

function variableLines(explained: readonly Explanation[]): readonly Line[] {
  return [
    { text: `  ${explained[0]?.name}`, tone: 'plain' },
    ...placesIn(explained).map((place): Line => {
      const users = explained.filter(({ winner }) => winner === place).map(({ starter }) => starter);
      const used = users.length > 0;
      const outcome = used ? `used by ${users.join(', ')}` : `not used: ${reasonIn(explained, place)}`;
      return { text: `      ${shownValue(place)}   ${placeWords(place)}: ${outcome}`, tone: used ? 'warning' : 'dim' };
    }),
  ];
}

function placesIn(explained: readonly Explanation[]): readonly VariableSource[] {
  const places = explained.flatMap(({ winner, passed }) => [
    ...(winner === undefined ? [] : [winner]),
    ...passed.map(({ place }) => place),
  ]);
  return [...new Set(places)].filter(({ layer }) => layer !== 'launcher');
}

/** As the client's own command has it, which comes last and unsets nothing. */
function reasonIn(explained: readonly Explanation[], wanted: VariableSource): string {
  const reasons = explained.flatMap(({ passed }) => passed.filter(({ place }) => place === wanted));
  return reasons.at(-1)?.reason ?? '';
}

/** Which keys each start sends; without one the client sends the saved login. */
export function sentLines(sent: readonly SentKeys[]): readonly Line[] {
  if (sent.length === 0) return [];
  return [
    { text: 'What a request carries', tone: 'strong' },
    ...sent.map(({ starter, authorization, apiKey }): Line => {
      const headers = [
        ...(authorization === undefined ? [] : [`authorization: ${authorization.name}, ${whereabouts(authorization)}`]),
        ...(apiKey === undefined ? [] : [`x-api-key: ${apiKey.name}, ${whereabouts(apiKey)}`]),
      ];
      return { text: `  ${starter.padEnd(16)}${headers.join('; ') || 'the saved login'}`, tone: 'plain' };
    }),
  ];
}

/** The same as the lines for people, for programs; keys as fingerprints. */
export function whyRecord(
  cwd: string,
  explained: readonly (readonly Explanation[])[],
  sent: readonly SentKeys[],
  unreadable: readonly UnreadablePlace[],
): object {
  return {
    cwd,
    variables: explained.map((all) => ({
      name: all[0]?.name,
      starts: all.map(({ starter, winner, passed }) => ({
        starter,
        winner: winner === undefined ? null : placeRecord(winner),
        passed: passed.map(({ place, reason }) => ({ ...placeRecord(place), reason })),
      })),
    })),
    sends: sent.map(({ starter, authorization, apiKey }) => ({
      starter,
      authorization: authorization === undefined ? null : placeRecord(authorization),
      apiKey: apiKey === undefined ? null : placeRecord(apiKey),
    })),
    unreadable,
  };
}

function placeRecord(place: VariableSource): object {
  const { value: _, ...shown } = place;
  return { ...shown, value: shownValue(place) };
}

/** The value as it may be seen: a key as a fingerprint, everything else as it is. */
function shownValue(place: VariableSource): string {
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
function whereabouts({ path, line, layer }: VariableSource): string {
  if (path === undefined) return precedenceWords[layer];
  return line === undefined ? path : `${path}:${line}`;
}

/** Where it is; of settings also which kind, because the path alone does not tell. */
function placeWords(place: VariableSource): string {
  const { layer, setting, name } = place;
  const kind = layer.endsWith('-settings')
    ? ` (${precedenceWords[layer]}${setting === true ? `, "${name}"` : ''})`
    : '';
  return `${whereabouts(place)}${kind}`;
}
