import * as z from 'zod';
import type { Check, CheckFinding, Evidence } from '../../../checks/check.ts';
import { sealedRule } from '../../../config/rules.ts';
import type { Answers } from '../../../config/schema.ts';
import type { Probe } from '../../../host/host.ts';
import { readBody } from '../../../http/reply-body.ts';
import { fromHome, type Layout } from '../../../layout.ts';
import type { Problem } from '../../../problem.ts';
import type { Resource, ScriptFound } from '../../../resources/resource.ts';
import { shellWord } from '../../../shell/word.ts';
import { counted } from '../../../text/counted.ts';
import { type LoggedRequest, requestsBetween } from '../request-log.ts';
import { directoryMark } from './rules.ts';

/** A folder whose text never reaches a cloud. */
export interface SealedFolder {
  /** Absolute. */
  readonly path: string;
  /** What a launcher that was started there sends. */
  readonly mark: string;
  /** Where it is in the gateway's container, read-only. */
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

/** Docker would create a missing folder, and nobody would know about what is put into it later. */
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

const count = z.int().min(0);
/** What `templates/gateway/sealed/sealed_files.py` says it knows about the folders. */
const index = z.object({
  v: z.literal(1),
  files: count,
  large: count,
  full: count,
  unreadable: count,
  examples: z.array(z.string().max(4096)),
});

const dayMs = 86_400_000;
const raise = 'name smaller folders in routing.sealed, or split the file';

/** What is sealed is what the gateway could read of the folders. */
export const sealed: Check = {
  id: 'sealed',
  about: 'the gateway knows the text of the sealed folders',
  on: 'installation',
  look: async ({ probe, installed, layout, now }) => {
    const folders = sealedFolders(installed.answers, layout);
    if (folders.length === 0) return [];
    const path = `${layout.requestLogDir}/sealed-index.json`;
    const [text, requests] = await Promise.all([
      probe.readFile(path),
      requestsBetween(probe, layout.requestLogDir, now - dayMs, now),
    ]);
    return [...indexFindings(text, folders, path), ...unansweredFindings(requests)];
  },
};

/** What in the folders the gateway does not know by its text. */
export function indexFindings(
  text: string | undefined,
  folders: readonly SealedFolder[],
  path: string,
): readonly CheckFinding[] {
  const found = readBody(index, text ?? '');
  const code = 'sealed-folder-not-read' as const;
  const symptom =
    'Some text of a sealed folder is recognised only by its file’s path, and may reach a cloud without it';
  if (found === undefined) {
    const words = { code, symptom, problem: 'the gateway has not said what it read of the sealed folders' };
    return [
      { ...words, evidence: [{ path, text: 'does not exist, or cannot be read' }], fix: 'claude-routing-install' },
    ];
  }
  const unknown = found.large + found.full + found.unreadable;
  if (unknown === 0) return [];
  const kinds: readonly (readonly [number, string])[] = [
    [found.unreadable, 'cannot be read'],
    [found.large, 'larger than 8 MB'],
    [found.full, 'beyond what fits the gateway’s memory'],
  ];
  const evidence: readonly Evidence[] = [
    { path, text: kinds.flatMap(([many, what]) => (many === 0 ? [] : [`${many} ${what}`])).join(', ') },
    ...found.examples.map((example) => ({ path: onThisMachine(example, folders), text: 'for example' })),
  ];
  const words = {
    code,
    symptom,
    problem: `${counted(unknown, 'sealed file')} of ${found.files} not known by text`,
    evidence,
  };
  const fix = found.unreadable > 0 ? `make them readable for this account:  chmod -R u+rX ${folders[0]?.path}` : raise;
  return [{ ...words, severity: 'note', fix }];
}

function onThisMachine(inside: string, folders: readonly SealedFolder[]): string {
  const folder = folders.find(({ at }) => `${inside}/`.startsWith(`${at}/`));
  return folder === undefined ? inside : `${folder.path}${inside.slice(folder.at.length)}`;
}

/** Requests that had to stay local and were not answered there. */
export function unansweredFindings(requests: readonly LoggedRequest[]): readonly CheckFinding[] {
  const failed = requests.filter(({ rule, answered, cause }) => {
    return rule === sealedRule && answered === null && cause !== 'cancelled';
  });
  const last = failed.at(-1);
  if (last === undefined) return [];
  return [
    {
      code: 'sealed-conversation',
      symptom: 'Claude Code shows an error that ends: this conversation has text of a sealed folder and stays local',
      problem: `${counted(failed.length, 'request')} of sealed conversations had no answer in the last day`,
      evidence: [{ text: `the last one: ${last.cause ?? 'other'}, status ${last.status}` }],
      severity: 'note',
      fix: 'see whether the local model answers:  claude-routing-install doctor --only local-server',
    },
  ];
}
