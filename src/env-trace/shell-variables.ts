import type { Reach } from '../checks/variable-source.ts';
import { Secret } from '../host/secret.ts';
import { type ShellCommand, type ShellText, shellCommands } from '../shell/commands.ts';
import { given } from '../text/json.ts';
import type { FoundVariable } from './settings-variables.ts';
import { isWatched } from './watched-variables.ts';

/** What a shell file does to variables. */
interface ShellVariables {
  readonly found: readonly FoundVariable[];
  /** Files that it sources by a path without variables in it, `~` and `$HOME` apart. */
  readonly sourced: readonly SourcedFile[];
}

export interface SourcedFile {
  readonly path: string;
  /** Behind `set -a`: what the file assigns is exported. */
  readonly exported: boolean;
}

type Found = { -readonly [Key in keyof FoundVariable]: FoundVariable[Key] };

interface Reading {
  found: Found[];
  readonly sourced: SourcedFile[];
  /** Names of the functions around, innermost last; undefined for a plain group, `subshell` for ( ). */
  readonly around: (string | undefined)[];
  /** A function whose body comes next. */
  next: string | undefined;
  readonly exported: Set<string>;
  allExported: boolean;
  readonly home: string;
}

/**
 * Every watched variable that a shell file gives a value, in the order of its lines. What it unsets again at its top level
 * is left out. `within` names an alias whose text this is, `exported` says that the file is sourced behind `set -a`.
 */
export function shellVariables(
  file: string,
  home: string,
  { within, exported = false }: { readonly within?: string; readonly exported?: boolean } = {},
): ShellVariables {
  const reading: Reading = {
    found: [],
    sourced: [],
    around: within === undefined ? [] : [within],
    next: undefined,
    exported: new Set(),
    allExported: exported,
    home,
  };
  for (const command of shellCommands(file)) read(command, reading);
  const { found, sourced } = reading;
  return { found, sourced };
}

const subshell = '( )';
const introducers = ['if', 'then', 'else', 'elif', 'while', 'until', 'do', '!', 'time', 'command', 'builtin', 'exec'];

function read({ words, end }: ShellCommand, reading: Reading): void {
  const start = words.findIndex(({ raw }) => !introducers.includes(raw));
  const own = start === -1 ? [] : words.slice(start);
  const named = definedFunction(own, end);
  if (named !== undefined) reading.next = named;
  else if (own.length > 0) perform(own, reading);
  follow(end, own.length > 0 || named !== undefined, reading);
}

/** `function NAME` in front of its brace, or `NAME` in front of its parentheses. */
function definedFunction([first, second]: readonly ShellText[], end: string): string | undefined {
  if (first?.raw === 'function') return second?.text;
  return end === '(' && second === undefined && first !== undefined && !first.raw.includes('=')
    ? first.text
    : undefined;
}

/** Groups and functions: what opens one is the end of the command in front of it. */
function follow(end: string, said: boolean, reading: Reading): void {
  if (end === '{') {
    reading.around.push(reading.next);
    reading.next = undefined;
  } else if (end === '(' && !said) reading.around.push(subshell);
  else if (end === '}') reading.around.pop();
  else if (end === ')' && reading.around.at(-1) === subshell) reading.around.pop();
}

const assignment = /^([A-Za-z_]\w*)\+?=/;

function perform(words: readonly ShellText[], reading: Reading): void {
  const count = words.findIndex(({ raw }) => !assignment.test(raw));
  const front = count === -1 ? words : words.slice(0, count);
  const [name, ...rest] = count === -1 ? [] : words.slice(count);
  const assigned = name === undefined ? reachOfAssignment : (): Reach => 'one-command';
  for (const word of front) note(word, assigned(word, reading), reading);
  if (name !== undefined) builtins.get(name.text)?.(rest, reading);
}

type Builtin = (words: readonly ShellText[], reading: Reading) => void;

const declaring: Builtin = (words, reading) =>
  exporting(words, /^-\w*x/.test(words[0]?.text ?? '') ? 'exported' : 'shell-only', reading);
const keeping: Builtin = (words, reading) => exporting(words, 'shell-only', reading);

const builtins: ReadonlyMap<string, Builtin> = new Map([
  ['export', (words, reading) => exporting(words, words[0]?.text === '-n' ? 'shell-only' : 'exported', reading)],
  ['declare', declaring],
  ['typeset', declaring],
  ['local', keeping],
  ['readonly', keeping],
  ['env', beforeCommand],
  ['unset', unsetting],
  ['alias', aliases],
  ['set', setting],
  ['.', sourcing],
  ['source', sourcing],
]);

/** `set -a` exports whatever is assigned from there on. */
function setting([option, name]: readonly ShellText[], reading: Reading): void {
  const word = option?.text ?? '';
  if (/^[-+]\w*a/.test(word) || name?.text === 'allexport') reading.allExported = word.startsWith('-');
}

function exporting(words: readonly ShellText[], reach: Reach, reading: Reading): void {
  for (const word of words) {
    if (assignment.test(word.raw)) note(word, reach, reading);
    else if (reach === 'exported') exportName(word.text, reading);
  }
}

/** `X=1` and later `export X`. */
function exportName(name: string, reading: Reading): void {
  reading.exported.add(name);
  for (const found of reading.found)
    if (found.name === name && found.reach === 'shell-only') found.reach = inFunction(reading) ?? 'exported';
}

function beforeCommand(words: readonly ShellText[], reading: Reading): void {
  const isOption = (word: ShellText | undefined) => word?.raw.startsWith('-') === true;
  const end = words.findIndex(
    (word, index) => !assignment.test(word.raw) && !isOption(word) && words[index - 1]?.raw !== '-u',
  );
  for (const word of end === -1 ? words : words.slice(0, end))
    if (assignment.test(word.raw)) note(word, 'one-command', reading);
}

function unsetting(words: readonly ShellText[], reading: Reading): void {
  if (reading.around.length > 0) return;
  const names = new Set(words.map(({ text }) => text));
  reading.found = reading.found.filter(({ name, reach }) => !names.has(name) || reach === 'one-command');
}

/** What an alias does when it is called. */
function aliases(words: readonly ShellText[], reading: Reading): void {
  for (const { text, line } of words) {
    const at = text.indexOf('=');
    if (at < 1) continue;
    const inner = shellVariables(text.slice(at + 1), reading.home, { within: text.slice(0, at) }).found;
    reading.found.push(...inner.map((found) => ({ ...found, line: line + (found.line ?? 1) - 1 })));
  }
}

function sourcing([word]: readonly ShellText[], { sourced, home, allExported }: Reading): void {
  if (word === undefined) return;
  const path = word.text.replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/)/, home);
  if (!path.startsWith('/') || /[$`*?]/.test(path) || sourced.some((one) => one.path === path)) return;
  sourced.push({ path, exported: allExported });
}

function reachOfAssignment({ raw }: ShellText, { exported, allExported }: Reading): Reach {
  const name = assignment.exec(raw)?.[1] ?? '';
  return allExported || exported.has(name) ? 'exported' : 'shell-only';
}

function inFunction({ around }: Reading): Reach | undefined {
  if (around.includes(subshell)) return 'shell-only';
  return around.some((name) => name !== undefined) ? 'in-function' : undefined;
}

function note(word: ShellText, reach: Reach, reading: Reading): void {
  const name = assignment.exec(word.raw)?.[1] ?? '';
  if (reach === 'exported') reading.exported.add(name);
  if (!isWatched(name)) return;
  const within = reading.around.findLast((around) => around !== undefined && around !== subshell);
  reading.found.push({
    name,
    value: new Secret(word.text.slice(word.text.indexOf('=') + 1)),
    line: word.line,
    reach: reach === 'exported' ? (inFunction(reading) ?? reach) : reach,
    ...given({ within }),
    ...(word.expands ? { unexpanded: true } : {}),
  });
}
