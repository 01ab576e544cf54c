import { launcherNames } from '../../../layout.ts';
import { type Result, success } from '../../../problem.ts';
import { byHand, type LineRange, type ShellLine } from '../../../shell/lines.ts';

export interface LegacyChoices {
  /** Our own block loads the keys into every shell. */
  readonly exportSecrets: boolean;
  /** Our own block activates mise. */
  readonly mise: boolean;
}

const ours = launcherNames.join('|');
const definition = new RegExp(`^\\s*(?:function\\s+(${ours})(?=[\\s({]|$)|(${ours})\\s*\\(\\s*\\))`);

/** Every launcher that is defined as a function, from the first to the last line of it. */
export function functionPieces(lines: readonly ShellLine[]): Result<readonly LineRange[]> {
  const pieces: LineRange[] = [];
  for (const line of lines) {
    const match = line.begins && line.text !== '' ? definition.exec(line.text) : null;
    const name = match?.[1] ?? match?.[2];
    if (name === undefined || (pieces.at(-1)?.to ?? 0) >= line.number) continue;
    const to = lastLine(lines, line);
    if (to === undefined) return byHand(line.number, `a function ${name}, and where it ends is not clear`);
    const body = lines.slice(line.number, to - 1).map(({ text }) => text);
    const asTaught =
      body.some((text) => /ANTHROPIC_BASE_URL=/.test(text)) && body.every((text) => guideBody.test(text));
    const origin = asTaught ? "the guide's function" : 'a function of your own,';
    pieces.push({ from: line.number, to, what: `${origin} ${name}` });
  }
  return success(pieces);
}

const guideBody =
  /^\s*(?:\[ -f ~\/\.config\/claude-secrets\.env \] && set -a && \. ~\/\.config\/claude-secrets\.env && set \+a|(?:CLAUDE_CONFIG_DIR|ANTHROPIC_\w+|CLAUDE_CODE_\w+)="[^"]*" \\|claude "\$@"|)\s*$/;

/** The line of the brace that closes the first one, when it stands where a person would see the end of the function. */
function lastLine(lines: readonly ShellLine[], first: ShellLine): number | undefined {
  let depth = 0;
  for (const line of from(lines, first.number)) {
    for (const [index, brace] of [...line.braces].entries()) {
      depth += brace === '{' ? 1 : -1;
      if (depth > 0) continue;
      return depth === 0 && index === line.braces.length - 1 && endsThere(line, first) ? line.number : undefined;
    }
    if (depth === 0 && line.number > first.number) return undefined;
  }
  return undefined;
}

function endsThere({ text, number }: ShellLine, first: ShellLine): boolean {
  return /\}\s*;?\s*(?:#.*)?$/.test(text) && (number === first.number || /^\s*\}/.test(text));
}

/** Every alias with the name of a launcher: bash puts it in place of the function, or stumbles over the function's definition. */
export function aliasPieces(
  lines: readonly ShellLine[],
  taken: readonly LineRange[] = [],
): Result<readonly LineRange[]> {
  const pieces: LineRange[] = [];
  const isTaken = within(taken);
  for (const line of lines) {
    const names = isTaken(line) ? [] : aliasNames(line);
    if (names.length === 0) continue;
    if (!aloneOnItsLine(line.text)) return byHand(line.number, `an alias ${names.join(', ')} among other commands`);
    pieces.push({ ...extent(lines, line), what: `the alias ${names.join(', ')}` });
  }
  return success(pieces);
}

/** The launchers that a line defines as an alias. */
export function aliasNames({ text, begins }: ShellLine): readonly string[] {
  const at =
    begins && text.includes('alias')
      ? /^(?:[^#'"]*(?:[;&|{(]|\b(?:then|do|else)\b))?\s*(?:builtin\s+|command\s+)?alias\s/.exec(text)
      : null;
  if (at === null) return [];
  const rest = text.slice(at[0].length - 1);
  return [...rest.matchAll(new RegExp(`\\s["']?(${ours})=`, 'g'))].map((match) => match[1] ?? '');
}

function aloneOnItsLine(text: string): boolean {
  const value = String.raw`(?:'[^']*'?|"(?:[^"\\]|\\.)*"?|\\.|[^\s'"\\;&|()<>])*`;
  return new RegExp(
    `^\\s*(?:builtin\\s+|command\\s+)?alias(?:\\s+["']?(?:${ours})=${value})+\\s*\\\\?\\s*(?:#.*)?$`,
  ).test(text);
}

/** Lines that the guide has a person append, with the freedom in spelling that changes nothing. */
export function guidePieces(
  lines: readonly ShellLine[],
  taken: readonly LineRange[],
  choices: LegacyChoices,
): readonly LineRange[] {
  const isTaken = within(taken);
  return lines.flatMap((line) => {
    const what =
      line.begins && line.text !== '' && !isTaken(line)
        ? guideLine(line.text.trim().replace(/\s+#.*$/, ''), choices)
        : undefined;
    return what === undefined ? [] : [{ ...extent(lines, line), what }];
  });
}

const secretsPath = String.raw`["']?(?:~|\$HOME|\$\{HOME\}|/[\w./-]+)/\.config/claude-secrets\.env["']?`;
const loading = String.raw`(?:set -a(?: &&|;) )?(?:\.|source) ${secretsPath}(?:(?: &&|;) set \+a)?`;
const loadsKeys = new RegExp(
  `^(?:(?:\\[\\[? -[fres] ${secretsPath} \\]\\]? && )?${loading}|if \\[\\[? -[fres] ${secretsPath} \\]\\]?; then ${loading}; fi);?$`,
);

function guideLine(line: string, { mise, exportSecrets }: LegacyChoices): string | undefined {
  if (/^export PATH="?\/usr\/bin:\$(?:PATH|\{PATH\})"?$/.test(line)) return 'the line that puts /usr/bin first in PATH';
  if (/^export DOCKER_HOST="?unix:\/\/\/run\/user\/(?:\$\(id -u\)|\$\{?UID\}?|\d+)\/docker\.sock"?$/.test(line)) {
    return 'the DOCKER_HOST line, which the block replaces,';
  }
  if (
    mise &&
    /^eval "\$\((?:~|\$HOME|\$\{HOME\}|\/[\w./-]+)\/\.local\/bin\/mise activate (?:bash|zsh)\)"$/.test(line)
  ) {
    return 'the mise line, which the block replaces,';
  }
  if (!loadsKeys.test(line)) return undefined;
  return exportSecrets
    ? 'the line that loads the keys, which the block replaces,'
    : 'the line that loads every key into every shell';
}

/** Every line that gives one of these variables a value for a whole shell, so far as it does nothing else. */
export function variablePieces(lines: readonly ShellLine[], names: readonly string[]): Result<readonly LineRange[]> {
  const pieces: LineRange[] = [];
  const assigned = new RegExp(`(?:^|[\\s;&|{(])(?:${names.join('|')})=`);
  for (const line of lines) {
    // A line that was commented out before has a colon in front of its mark.
    if (!line.begins || line.text === '' || /^\s*(?::\s+)?#/.test(line.text) || !assigned.test(line.text)) continue;
    const alone = setsOneVariable.exec(line.text)?.[1];
    if (alone === undefined || !names.includes(alone))
      return byHand(line.number, `${names.find((name) => line.text.includes(`${name}=`))} among other commands`);
    pieces.push({ ...extent(lines, line), what: `the line that sets ${alone}` });
  }
  return success(pieces);
}

const setsOneVariable =
  /^\s*(?:export\s+|declare\s+-x\s+|typeset\s+-x\s+)?(\w+)=(?:'[^']*'?|"(?:[^"\\]|\\.)*"?|\\.|[^\s'"\\;&|()<>])*\s*(?:;\s*export\s+\1)?\s*;?\s*(?:#.*)?$/;

/** What the person should know about and is left unchanged. */
export function leftAlone({ number, text, begins }: ShellLine): readonly string[] {
  if (!begins || text === '' || /^\s*#/.test(text)) return [];
  if (/\bANTHROPIC_API_KEY=/.test(text)) {
    return [`line ${number}: ANTHROPIC_API_KEY is left as it is; it switches a plain "claude" to paid billing`];
  }
  if (/claude-secrets\.env/.test(text))
    return [`line ${number}: reads the keys in a way of its own and is left as it is`];
  return [];
}

/** Gives a test for whether a line belongs to one of these pieces. */
export function within(pieces: readonly LineRange[]): (line: Pick<ShellLine, 'number'>) => boolean {
  const numbers = new Set<number>();
  for (const piece of pieces) for (let number = piece.from; number <= piece.to; number += 1) numbers.add(number);
  return ({ number }) => numbers.has(number);
}

/** A line and those that continue it. */
function extent(lines: readonly ShellLine[], line: ShellLine): { from: number; to: number } {
  for (const next of from(lines, line.number + 1)) if (next.begins) return { from: line.number, to: next.number - 1 };
  return { from: line.number, to: lines.length };
}

/** The lines from one of them on, none of them copied. */
function* from(lines: readonly ShellLine[], number: number): Generator<ShellLine> {
  for (let index = number - 1; index < lines.length; index += 1) {
    const line = lines[index];
    if (line !== undefined) yield line;
  }
}
