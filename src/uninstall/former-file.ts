import { sha256 } from '../engine/action-log.ts';
import type { Kept } from '../engine/event.ts';
import type { FileStat, Probe } from '../host/host.ts';
import { Secret } from '../host/secret.ts';
import { type FileResource, type ResourceId, titleOf } from '../resources/resource.ts';
import { shellWord } from '../shell/word.ts';
import type { Original } from './backups.ts';
import { mayBeOurs, ourTexts } from './provenance.ts';
import type { Removal } from './removal.ts';

/** A file that this program writes whole. */
export interface OwnFile {
  readonly id: ResourceId;
  readonly title?: string;
  readonly path: string;
  /** Whether a text is of this program, whoever edited it since; for when no journal can tell. */
  readonly isOurs: (text: string) => boolean;
  readonly sudo?: boolean;
}

export interface FoundOwnFile {
  readonly text: string | undefined;
  /** What stands there instead of a text that can be read. */
  readonly instead: FileStat['kind'] | undefined;
  readonly mode: number | undefined;
  /** Exactly what an installation wrote. */
  readonly asWritten: boolean;
  /** Ours, whether edited or not. */
  readonly ours: boolean;
  /** It has our marks, and the journal of this account does not have it. */
  readonly ofOthers: boolean;
  readonly original: Original | undefined;
}

/** What becomes of a path: `edited` says that what stands there now is worth a backup. */
export type RemovalDecision =
  | { readonly action: 'nothing' }
  | { readonly action: 'remove'; readonly edited: boolean }
  | { readonly action: 'put-back'; readonly text: string; readonly mode: number; readonly edited: boolean }
  | { readonly action: 'keep'; readonly why: string; readonly original?: Original };

/** Decides what becomes of a file of ours: away, or back to what stood there before, unless what stands there is somebody else's by now. */
export function removalDecision(found: FoundOwnFile): RemovalDecision {
  const { text, instead, mode, asWritten, ours, ofOthers, original } = found;
  if (ofOthers && original === undefined) return { action: 'keep', why: 'another account may have put it there' };
  if (original === undefined)
    return text === undefined || !ours ? { action: 'nothing' } : { action: 'remove', edited: !asWritten };
  if (text === original.text && mode === original.mode) return { action: 'nothing' };
  if (original.text === undefined) return { action: 'keep', why: original.lost?.why ?? '', original };
  if (instead !== undefined) return { action: 'keep', why: inTheWay(instead), original };
  if (text !== undefined && !ours && text !== original.text)
    return { action: 'keep', why: 'it has since been replaced by something that is not ours', original };
  const edited = text !== undefined && !asWritten && text !== original.text;
  return { action: 'put-back', text: original.text, mode: original.mode, edited };
}

function inTheWay(kind: FileStat['kind']): string {
  if (kind === 'file') return 'this account may not read what is there now';
  return `a ${kind === 'other' ? 'thing that is not a file' : kind} has taken its place`;
}

async function decide({ history, originals }: Removal, file: OwnFile, probe: Probe): Promise<RemovalDecision> {
  const [text, stat] = await Promise.all([probe.readFile(file.path), probe.stat(file.path)]);
  const asWritten = text !== undefined && ourTexts(history, file.path).has(sha256(text));
  const marked = text !== undefined && file.isOurs(text);
  const ofOthers = marked && file.sudo === true && !mayBeOurs(history, file.path);
  const instead = text === undefined ? stat?.kind : undefined;
  const about = { asWritten, ours: asWritten || (marked && !ofOthers), ofOthers, original: originals.get(file.path) };
  return removalDecision({ text, instead, mode: stat?.mode, ...about });
}

/** The resources for such files; none for one with which nothing is to be done. */
export async function takenOff(
  removal: Removal,
  files: readonly OwnFile[],
  probe: Probe,
): Promise<readonly FileResource[]> {
  const looks = files.map(async (file) => takenOffBy(await decide(removal, file, probe), file));
  return (await Promise.all(looks)).flat();
}

function takenOffBy(found: RemovalDecision, file: OwnFile): readonly FileResource[] {
  if (found.action === 'nothing' || found.action === 'keep') return [];
  const title = titleOf(file);
  const about = {
    kind: 'file',
    id: file.id,
    path: file.path,
    disposable: !found.edited,
    ...(file.sudo === true ? { sudo: true } : {}),
  } as const;
  if (found.action === 'remove') return [{ ...about, title, mode: 0o600, content: undefined }];
  return [{ ...about, title: `${title}, as before`, mode: found.mode, content: found.text }];
}

/** Those files that stay, with the line that puts back what stood there before. */
export async function filesKept(removal: Removal, files: readonly OwnFile[], probe: Probe): Promise<readonly Kept[]> {
  const found = await Promise.all(files.map(async (file) => [file, await decide(removal, file, probe)] as const));
  return found.flatMap(([{ path, sudo }, result]) => {
    if (result.action !== 'keep') return [];
    const { original, why } = result;
    const command = original === undefined ? { command: `sudo rm ${shellWord(path)}` } : copyBack(path, original, sudo);
    return [{ what: path, why, ...command }];
  });
}

/** What to type to put back by hand what stood there before; nothing where that cannot help. */
export function copyBack(path: string, { backup, lost }: Original, sudo = false): Pick<Kept, 'command'> {
  const by = lost === undefined ? 'cp -p' : lost.copiedBy;
  if (by === undefined) return {};
  return { command: `${sudo && by === 'cp -p' ? 'sudo ' : ''}${by} ${shellWord(backup)} ${shellWord(path)}` };
}

/** A file of keys: its text is shown nowhere. */
export function hidden(file: FileResource): FileResource {
  return typeof file.content === 'string' ? { ...file, content: new Secret(file.content) } : { ...file, secret: true };
}
