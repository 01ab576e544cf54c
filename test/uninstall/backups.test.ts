import { expect, it } from 'vitest';
import { readActionLog, sha256 } from '../../src/engine/action-log.ts';
import { layoutFor } from '../../src/layout.ts';
import { type Original, originalsOf } from '../../src/uninstall/backups.ts';
import { type FakeFile, FakeHost } from '../machine/doubles/fake-host.ts';

const layout = layoutFor({ user: 'anna', uid: 1234, home: '/home/anna' });
const path = layout.composeFile;
const first = '2026-01-01T000000000-1';
const second = '2026-01-02T000000000-1';

type Entry = Readonly<Record<string, unknown>>;
const wrote = (run: string, state: string, text: string): Entry => ({
  run,
  state,
  do: 'write',
  path,
  sha256: sha256(text),
});
const removed = (run: string, state: string): Entry => ({ run, state, do: 'remove', path });

it.each<[string, readonly Entry[], string, boolean]>([
  ['is the person’s where nothing was written before', [wrote(second, 'done', 'new')], 'found', true],
  ['is ours where an earlier run wrote there', [wrote(first, 'done', 'ours')], 'ours', false],
  ['is ours, too, where a person edited that', [wrote(first, 'done', 'ours')], 'edited', false],
  ['is the person’s where an earlier run failed to write', [wrote(first, 'failed', 'ours')], 'found', true],
  ['is ours where a run that was cut off wrote that very text', [wrote(first, 'begun', 'ours')], 'ours', false],
  ['is the person’s where such a run had not come to it', [wrote(first, 'begun', 'ours')], 'found', true],
  [
    'is the person’s where ours was removed since',
    [wrote(first, 'done', 'ours'), removed(first, 'done')],
    'found',
    true,
  ],
  [
    'is ours where ours was removed and written again',
    [wrote(first, 'done', 'ours'), removed(first, 'done'), wrote(first, 'done', 'ours')],
    'ours',
    false,
  ],
  ['is ours where its removal failed', [wrote(first, 'done', 'ours'), removed(first, 'failed')], 'ours', false],
])('what a second run kept %s', async (_, entries, kept, isOriginal) => {
  const host = new FakeHost({ [`${layout.backupsDir}/${second}${path}`]: { text: kept, mode: 0o600, kind: 'file' } });
  const begun = { run: first, began: 'install', version: '1.2.0' };
  const history = readActionLog([begun, ...entries].map((entry) => JSON.stringify(entry)).join('\n'));
  const originals = await originalsOf(host, layout, history);
  expect(originals.get(path)?.text).toBe(isOriginal ? kept : undefined);
});

const backup = `${layout.backupsDir}/${second}${path}`;

it.each<[string, FakeFile, Original['lost']]>([
  [
    'of another account',
    { text: 'theirs', mode: 0o600, refuses: 'EACCES' },
    {
      why: expect.stringMatching(/cannot be read: this account may not use .*permission denied/) as string,
      copiedBy: 'sudo cp',
    },
  ],
  [
    'on a disk that fails',
    { text: 'theirs', mode: 0o600, refuses: 'EIO' },
    { why: expect.stringContaining('input/output error') as string, copiedBy: 'sudo cp' },
  ],
  [
    'that is a folder by now',
    { text: undefined, kind: 'directory' },
    { why: `${backup}, which held what was there before, is not a file` },
  ],
  ['with other bytes', { text: 'caf\uFFFD' }, { why: 'what was there before is not UTF-8 text', copiedBy: 'cp -p' }],
])('a backup %s is known, and keeps no other one from being read', async (_, kept, lost) => {
  const other = layout.gatewayConfig;
  const host = new FakeHost({ [backup]: kept, [`${layout.backupsDir}/${second}${other}`]: 'another' });
  const begun = { run: second, began: 'install', version: '1.2.0' };
  const written = { ...wrote(second, 'done', 'ours'), backup };
  const history = readActionLog([begun, written].map((entry) => JSON.stringify(entry)).join('\n'));
  const originals = await originalsOf(host, layout, history);
  expect(originals.get(path)).toMatchObject({ text: undefined, lost });
  expect(originals.get(other)?.text).toBe('another');
});
