import { actionsOf } from '../engine/action-log.ts';
import type { Effect, Probe } from '../host/host.ts';
import type { ScriptFound } from '../resources/resource.ts';
import { sharedFolders, sudoMark, systemFolders, wasThere } from './baseline.ts';
import type { Removal, RemovalStep } from './removal.ts';

/** Last of all: what the others left empty. */
export const folders: RemovalStep = {
  id: 'folders',
  title: 'empty folders',
  guidePhase: 'phase 11',
  why: 'Folders that were not there before and are empty now go, and so does the mark that sudo made at its first use.',
  undoes: [],
  resources: (removal) => [
    {
      kind: 'script',
      id: 'empty-folders',
      inspect: async (probe) => await emptyOnes(removal, probe),
    },
  ],
};

/** Innermost first, so that a folder that holds nothing but empty ones is found in the same look. */
async function emptyOnes(removal: Removal, probe: Probe): Promise<ScriptFound> {
  const { layout, before } = removal;
  const going: string[] = [];
  for (const path of [...sharedFolders(layout), ...systemFolders]) {
    const found = await probe.stat(path);
    if (path === layout.requestLogDir || !isOurs(removal, path)) continue;
    if (found?.kind !== 'directory' || found.link !== undefined) continue;
    const names = await probe.list(path);
    if (names.every((name) => going.includes(`${path}/${name}`))) going.push(path);
  }
  const mark = (await probe.stat(sudoMark(layout)))?.size === 0 && wasThere(before, sudoMark(layout)) === false;
  const effects = [...going.map(emptyFolder), ...(mark ? [markGone(sudoMark(layout))] : [])];
  return effects.length === 0
    ? { status: 'ok', note: 'none' }
    : {
        status: 'change',
        summary: `remove ${[...going, ...(mark ? [sudoMark(layout)] : [])].join(', ')}`,
        effects,
        destructive: true,
      };
}

function markGone(path: string): Effect {
  return { do: 'remove', path, disposable: true };
}

/** `rmdir` refuses a folder that is not empty after all. */
function emptyFolder(path: string): Effect {
  const sudo = path.startsWith('/etc/') ? { sudo: true } : {};
  return { do: 'run', why: `remove ${path}`, command: { file: 'rmdir', args: [path], ...sudo } };
}

/** Not there before, made by us by the journal, or ours by its name. Debian has its keyrings folder anyway, and we make it without looking. */
function isOurs({ before, history, layout }: Removal, path: string): boolean {
  const there = wasThere(before, path);
  if (there !== undefined) return !there;
  if ([layout.configDir, layout.stateDir, layout.requestLogDir].includes(path)) return true;
  if (path === '/etc/apt/keyrings') return false;
  return actionsOf(history).some((action) => action.do === 'make-directory' && action.path === path);
}
