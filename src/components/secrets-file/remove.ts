import { sha256, writtenPaths } from '../../engine/action-log.ts';
import type { Kept } from '../../engine/event.ts';
import type { Probe } from '../../host/host.ts';
import type { FileResource } from '../../resources/resource.ts';
import { shellWord } from '../../shell/word.ts';
import { hidden, type OwnFile, takenOff } from '../../uninstall/former-file.ts';
import { isNew, ourTexts } from '../../uninstall/provenance.ts';
import type { Removal, RemovalStep } from '../../uninstall/removal.ts';
import { holdsAllValues, releaseSecrets } from './secrets-env.ts';
import { draftsGone } from './step.ts';

export const secrets: RemovalStep = {
  id: 'secrets',
  title: 'answers and keys',
  guidePhase: 'phase 8',
  why: 'The answers go. Your keys may be stored nowhere else, so they are removed only with --purge.',
  undoes: ['secrets'],
  resources: async (removal, probe) => [
    draftsGone(removal.layout, writtenPaths(removal.history)),
    ...(await takenOff(removal, [answersFile(removal)], probe)),
    ...(await keys(removal, probe)),
  ],
  kept,
};

/** It lies in our own folder. */
function answersFile({ layout }: Removal): OwnFile {
  return { id: 'your-answers', path: layout.savedAnswers, isOurs: () => true };
}

/** No backup of it is made: a removed key must not live on in one. */
async function keys(removal: Removal, probe: Probe): Promise<readonly FileResource[]> {
  const path = removal.layout.secretsFile;
  const text = await probe.readFile(path);
  const content = text === undefined ? 'as it is' : wanted(removal, text);
  if (content === 'as it is') return [];
  const mode = removal.originals.get(path)?.mode ?? 0o600;
  return [hidden({ kind: 'file', id: 'keys', path, mode, content, disposable: true })];
}

/** What the file of keys should become: the former text if nobody wrote to it since, otherwise without what came with us. */
function wanted(removal: Removal, text: string): string | undefined | 'as it is' {
  const { layout, history, originals, purge } = removal;
  const path = layout.secretsFile;
  const original = originals.get(path);
  const asWritten = ourTexts(history, path).has(sha256(text));
  if (original?.text !== undefined && asWritten && (purge || holdsAllValues(original.text, text))) return original.text;
  const known = original === undefined ? isNew(removal, path) : original.text !== undefined;
  if (!purge || !known) return 'as it is';
  const rest = releaseSecrets(text, original?.text);
  if (rest === '' && isNew(removal, path)) return undefined;
  return rest === text ? 'as it is' : rest;
}

async function kept(removal: Removal, probe: Probe): Promise<readonly Kept[]> {
  const { layout, history } = removal;
  const path = layout.secretsFile;
  const text = await probe.readFile(path);
  if (text === undefined || wanted(removal, text) !== 'as it is') return [];
  const untouched = !isNew(removal, path) && ourTexts(history, path).size === 0;
  if (untouched && removal.before !== undefined) return [];
  if (removal.purge && isNew(removal, path))
    return [{ what: path, why: 'lines of yours are in it', command: `rm ${shellWord(path)}` }];
  const why = 'a key in it may be stored nowhere else';
  return [{ what: path, why, command: `rm ${shellWord(path)}`, ...(removal.purge ? {} : { purgeable: true }) }];
}
