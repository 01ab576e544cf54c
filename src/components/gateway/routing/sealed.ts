import type { Answers } from '../../../config/schema.ts';
import type { Probe } from '../../../host/host.ts';
import { fromHome, type Layout } from '../../../layout.ts';
import type { Problem } from '../../../problem.ts';
import type { Resource, ScriptFound } from '../../../resources/resource.ts';
import { shellWord } from '../../../shell/word.ts';
import { counted } from '../../../text/counted.ts';
import { directoryMark } from './rules.ts';

/** A folder whose text never reaches a cloud. */
export interface SealedFolder {
  /** Absolute. */
  readonly path: string;
  /** What a launcher sends that was started there. */
  readonly mark: string;
  /** Where the gateway's container has it, for reading. */
  readonly at: string;
}

/** The sealed folders, in the order of the answers. */
export function sealedFolders({ routing }: Answers, layout: Pick<Layout, 'home'>): readonly SealedFolder[] {
  return routing.sealed.map((folder, index) => ({
    path: fromHome(folder, layout),
    mark: directoryMark(folder),
    at: `/app/sealed/${index}`,
  }));
}

/** The environment of `templates/gateway/sealed/sealed_folders.py`; nothing where no folder is sealed. */
export function sealedEnvironment(
  folders: readonly SealedFolder[],
  { home }: Pick<Layout, 'home'>,
): Readonly<Record<string, string>> {
  return folders.length === 0 ? {} : { SEALED_FOLDERS: JSON.stringify({ home, folders }) };
}

/** Docker would make a folder that is not there, and what is found in it later would be known to nobody. */
export function sealedFoldersThere(answers: Answers, layout: Layout): readonly Resource[] {
  const folders = sealedFolders(answers, layout);
  if (folders.length === 0) return [];
  const inspect = async (probe: Probe): Promise<ScriptFound> => {
    for (const { path } of folders) {
      const found = await probe.stat(path);
      if (found?.kind !== 'directory') return { status: 'blocked', ...sealedFolderMissing(path) };
    }
    return { status: 'ok', note: `${counted(folders.length, 'folder')} whose text never reaches a cloud` };
  };
  return [{ kind: 'script', id: 'sealed-folders', inspect }];
}

/** A folder of the answers that is not there. */
function sealedFolderMissing(path: string): Problem {
  return {
    code: 'sealed-folder-missing',
    problem: `${path}, which routing.sealed names, is not a folder`,
    fix: `make it:  mkdir -p ${shellWord(path)}   or name others:  claude-routing-install --set 'routing.sealed=[~/FOLDER]'`,
  };
}
