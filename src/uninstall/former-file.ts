import { sha256 } from '../engine/action-log.ts';
import type { Kept } from '../engine/event.ts';
import type { Probe } from '../host/host.ts';
import { Secret } from '../host/secret.ts';
import { isDamaged } from '../resources/file.ts';
import { type FileResource, titleOf } from '../resources/resource.ts';
import type { ResourceId } from '../resources/resource-id.ts';
import type { Original } from './backups.ts';
import { ourTexts } from './provenance.ts';
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
  readonly mode: number | undefined;
  /** Exactly what an installation wrote. */
  readonly asWritten: boolean;
  /** Ours, whether edited or not. */
  readonly ours: boolean;
  readonly original: Original | undefined;
}

/** What becomes of a path: `edited` says that what stands there now is worth a backup. */
export type RemovalDecision =
  | { readonly fate: 'nothing' }
  | { readonly fate: 'remove'; readonly edited: boolean }
  | { readonly fate: 'put-back'; readonly original: Original; readonly edited: boolean }
  | { readonly fate: 'keep'; readonly why: string; readonly original?: Original };

/** Decides what becomes of a file of ours: away, or back to what stood there before, unless what stands there is somebody else's by now. */
export function removalDecision({ text, mode, asWritten, ours, original }: FoundOwnFile): RemovalDecision {
  if (original === undefined)
    return text === undefined || !ours ? { fate: 'nothing' } : { fate: 'remove', edited: !asWritten };
  if (text === original.text && mode === original.mode) return { fate: 'nothing' };
  if (isDamaged(original.text)) return { fate: 'keep', why: 'what was there before is not UTF-8 text', original };
  if (text !== undefined && !ours && text !== original.text)
    return { fate: 'keep', why: 'it has since been replaced by something that is not ours', original };
  return { fate: 'put-back', original, edited: text !== undefined && !asWritten && text !== original.text };
}

async function fate({ history, originals }: Removal, file: OwnFile, probe: Probe): Promise<RemovalDecision> {
  const [text, stat] = await Promise.all([probe.readFile(file.path), probe.stat(file.path)]);
  const asWritten = text !== undefined && ourTexts(history, file.path).has(sha256(text));
  const ours = asWritten || (text !== undefined && file.isOurs(text));
  return removalDecision({ text, mode: stat?.mode, asWritten, ours, original: originals.get(file.path) });
}

/** The resources for such files; none for one with which nothing is to be done. */
export async function takenOff(
  removal: Removal,
  files: readonly OwnFile[],
  probe: Probe,
): Promise<readonly FileResource[]> {
  const looks = files.map(async (file) => takenOffBy(await fate(removal, file, probe), file));
  return (await Promise.all(looks)).flat();
}

function takenOffBy(found: RemovalDecision, file: OwnFile): readonly FileResource[] {
  if (found.fate === 'nothing' || found.fate === 'keep') return [];
  const title = titleOf(file);
  const about = {
    kind: 'file',
    id: file.id,
    path: file.path,
    disposable: !found.edited,
    ...(file.sudo === true ? { sudo: true } : {}),
  } as const;
  if (found.fate === 'remove') return [{ ...about, title, mode: 0o600, content: undefined }];
  return [{ ...about, title: `${title}, as before`, mode: found.original.mode, content: found.original.text }];
}

/** Those files that stay, with the line that puts back what stood there before. */
export async function filesKept(removal: Removal, files: readonly OwnFile[], probe: Probe): Promise<readonly Kept[]> {
  const found = await Promise.all(files.map(async (file) => [file, await fate(removal, file, probe)] as const));
  return found.flatMap(([{ path, sudo }, result]) => {
    if (result.fate !== 'keep') return [];
    const { original, why } = result;
    const as = sudo === true ? 'sudo ' : '';
    return [
      { what: path, why, ...(original === undefined ? {} : { command: `${as}cp -p ${original.backup} ${path}` }) },
    ];
  });
}

/** A file of keys: its text is shown nowhere. */
export function hidden(file: FileResource): FileResource {
  return typeof file.content === 'string' ? { ...file, content: new Secret(file.content) } : { ...file, secret: true };
}
