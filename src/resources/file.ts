import { dirname } from 'node:path';
import type { Effect, FileStat, Probe } from '../host/host.ts';
import { revealed, Secret } from '../host/secret.ts';
import { type Problem, success } from '../problem.ts';
import { shellWord } from '../shell/word.ts';
import { type Above, closedProblem, obstacleOf, unreadableProblem } from './obstacle.ts';
import type { EditedText, FileResource, Plan } from './resource.ts';

export interface FoundFile {
  readonly text: string | undefined;
  /** There is a text that this account may not read. */
  readonly unreadable?: true;
  readonly stat: FileStat | undefined;
  /** Directories above it that do not exist, outermost first. */
  readonly missingDirectories: readonly string[];
  /** The nearest existing directory above it, or what is in the place of one. */
  readonly above?: Above;
}

export async function inspectFile(probe: Probe, { path }: FileResource): Promise<FoundFile> {
  const stat = await probe.stat(path);
  const read = stat?.kind === 'file' ? await probe.readFile(path).catch(unreadable) : undefined;
  const looked = await lookAbove(probe, stat?.link ?? path);
  const text = typeof read === 'string' ? { text: read } : { text: undefined, ...read };
  return { stat, ...text, ...looked, ...(stat === undefined ? {} : { missingDirectories: [] }) };
}

function unreadable(error: NodeJS.ErrnoException): { readonly unreadable: true } {
  if (error.code === 'EACCES' || error.code === 'EPERM') return { unreadable: true };
  throw error;
}

/** Where a file would stand, if it were written. */
export async function lookAbove(probe: Probe, path: string): Promise<Pick<FoundFile, 'missingDirectories' | 'above'>> {
  const missing: string[] = [];
  for (let above = dirname(path); above !== '/'; above = dirname(above)) {
    const stat = await probe.stat(above);
    if (stat !== undefined) return { missingDirectories: missing, above: { path: above, stat } };
    missing.unshift(above);
  }
  return { missingDirectories: missing };
}

export function planFile(wanted: FileResource, found: FoundFile): Plan {
  const obstacle = obstacleOf(wanted, found);
  if (obstacle !== undefined) return { status: 'blocked', ...obstacle };
  if (found.unreadable === true && !(wanted.content === undefined && wanted.isOurs !== undefined))
    return { status: 'blocked', ...unreadableProblem(wanted.path, wanted.sudo) };
  if (typeof wanted.content === 'function' && isDamaged(found.text)) return notUnicode(wanted, found.text);
  const result = editedText(wanted, found.text);
  if (result === undefined) return planAbsence(wanted, found);
  if (!result.ok) return { status: 'blocked', ...result.problem };
  const edited = result.value;
  const sameText = found.text === revealed(edited.text);
  const sameMode = wanted.keepMode === true || found.stat?.mode === wanted.mode;
  if (sameText && sameMode) return { status: 'ok', note: wanted.path };
  const closed = closedFor(wanted, found);
  if (closed !== undefined) return { status: 'blocked', ...closed };
  return {
    status: 'change',
    summary: summaryOf(wanted, found, sameText),
    effects: writingEffects(wanted, found, edited.text),
    edit: { path: wanted.path, before: asSecretAs(edited.text, found.text ?? ''), after: edited.text },
    ...(edited.notes === undefined ? {} : { notes: edited.notes }),
  };
}

function closedFor({ path, sudo }: FileResource, { stat, above }: FoundFile): Problem | undefined {
  return sudo === true ? undefined : closedProblem(above, stat?.link === undefined ? undefined : path);
}

/** Reading replaces bytes that are not UTF-8 by this character, and writing the text back would lose them. */
const replacement = '\uFFFD';

/** Whether a text that was read differs from the bytes in its file. */
export function isDamaged(text: string | undefined): boolean {
  return text?.includes(replacement) === true;
}

function notUnicode({ path }: FileResource, text = ''): Plan {
  // Its byte order mark is no UTF-8, and every other byte of plain words is none at all.
  const wide = text.startsWith(replacement.repeat(2)) && text.includes('\0');
  const [from, taken] = wide ? ['UTF-16', ''] : ['ISO-8859-1', ' (this takes it for Latin-1)'];
  const [place, copy] = [shellWord(path), shellWord(`${path}.before`)];
  return {
    status: 'blocked',
    code: 'not-utf8',
    problem: `${path} ${wide ? 'is UTF-16 text' : 'holds bytes that are not UTF-8 text'}, and editing would damage ${wide ? 'it' : 'them'}`,
    fix: `turn it into UTF-8 first${taken}:  cp -p ${place} ${copy} && iconv -f ${from} -t UTF-8 ${copy} > ${place}`,
  };
}

/** The present text of a file of keys is as secret as the new one. */
function asSecretAs(after: string | Secret, before: string): string | Secret {
  return after instanceof Secret ? new Secret(before) : before;
}

function editedText({ content }: FileResource, current: string | undefined): EditedText | undefined {
  if (content === undefined) return undefined;
  return typeof content === 'function' ? content(current) : success({ text: content });
}

function planAbsence(wanted: FileResource, found: FoundFile): Plan {
  if (found.stat === undefined) return { status: 'ok', note: `no ${wanted.path}` };
  if (wanted.isOurs?.(found.text ?? '') === false)
    return { status: 'ok', note: `${wanted.path} is not ours, and stays` };
  const closed = closedFor(wanted, found);
  if (closed !== undefined) return { status: 'blocked', ...closed };
  const effect: Effect = { do: 'remove', path: wanted.path, ...rights(wanted), ...worth(wanted) };
  const before = wanted.secret === true ? new Secret(found.text ?? '') : (found.text ?? '');
  const edit = { path: wanted.path, before, after: '' };
  const kept = wanted.disposable === true ? '' : ' (kept as a backup)';
  return { status: 'change', summary: `remove ${wanted.path}${kept}`, effects: [effect], edit, destructive: true };
}

function summaryOf({ path, mode, disposable }: FileResource, found: FoundFile, sameText: boolean): string {
  if (found.stat === undefined) return `write ${path} (new)`;
  if (sameText) return `set mode ${mode.toString(8)} on ${path}`;
  if (disposable === true) return `write ${path} (changed)`;
  return `write ${path} (changed; the old one is kept as a backup)`;
}

function writingEffects(wanted: FileResource, found: FoundFile, content: string | Secret): Effect[] {
  const directories = found.missingDirectories.map(
    (path): Effect => ({ do: 'make-directory', path, mode: wanted.directoryMode ?? 0o755, ...rights(wanted) }),
  );
  const mode = wanted.keepMode === true && found.stat !== undefined ? found.stat.mode : wanted.mode;
  return [...directories, { do: 'write', path: wanted.path, content, mode, ...rights(wanted), ...worth(wanted) }];
}

function worth({ disposable }: FileResource): { disposable?: boolean } {
  return disposable === true ? { disposable } : {};
}

function rights({ sudo }: FileResource): { sudo?: boolean } {
  return sudo === true ? { sudo } : {};
}

/** Every plain file below a folder, as far as this account may look. */
export async function filesBelow(probe: Probe, folder: string): Promise<readonly string[]> {
  const names = await probe.list(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = `${folder}/${name}`;
      const found = await probe.stat(path);
      if (found?.link !== undefined) return [];
      if (found?.kind === 'directory') return await filesBelow(probe, path);
      return found?.kind === 'file' ? [path] : [];
    }),
  );
  return found.flat();
}

/** Folders, from this one down, that are empty or will be once some files are gone: innermost first. */
export async function foldersLeftEmpty(
  probe: Probe,
  folder: string,
  going: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  const found = await probe.stat(folder);
  if (found?.kind !== 'directory' || found.link !== undefined) return [];
  const names = await probe.list(folder);
  const paths = names.map((name) => `${folder}/${name}`);
  const below = await Promise.all(paths.map(async (path) => await foldersLeftEmpty(probe, path, going)));
  const left = below.flat();
  return paths.every((path) => going.has(path) || left.includes(path)) ? [...left, folder] : left;
}
