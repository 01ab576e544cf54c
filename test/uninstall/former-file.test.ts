import { describe, expect, it } from 'vitest';
import type { Original } from '../../src/uninstall/backups.ts';
import { copyBack, type FoundOwnFile, type RemovalDecision, removalDecision } from '../../src/uninstall/former-file.ts';

const original = { backup: '/backups/1/file', text: 'theirs\n', mode: 0o640 };
const file = { instead: undefined, mode: 0o600, asWritten: false, ours: false, ofOthers: false };
const ours = { ...file, text: 'ours\n', asWritten: true, ours: true };
const gone = { ...file, text: undefined, mode: undefined };
const theirs = (text: string, mode = 0o600) => ({ ...file, text, mode });
const fresh = { original: undefined };
const putBack = (edited: boolean) =>
  ({ action: 'put-back', text: original.text, mode: original.mode, edited }) as const;
const lost = { ...original, text: undefined, lost: { why: 'nobody may read it' } };

const cases: readonly (readonly [name: string, found: FoundOwnFile, decision: RemovalDecision])[] = [
  ['new, as we wrote it', { ...ours, ...fresh }, { action: 'remove', edited: false }],
  ['new, edited since', { ...ours, asWritten: false, ...fresh }, { action: 'remove', edited: true }],
  ['never ours', { ...theirs('theirs\n'), ...fresh }, { action: 'nothing' }],
  [
    'of another account of the machine',
    { ...theirs('ours, too\n'), ofOthers: true, ...fresh },
    { action: 'keep', why: 'another account may have put it there' },
  ],
  ['gone already', { ...gone, ...fresh }, { action: 'nothing' }],
  ['in the place of something', { ...ours, original }, putBack(false)],
  ['the same, and edited since', { ...ours, text: 'ours, edited\n', asWritten: false, original }, putBack(true)],
  ['removed since, or by us', { ...gone, original }, putBack(false)],
  ['back in its place', { ...theirs(original.text, 0o640), original }, { action: 'nothing' }],
  ['back with another mode', { ...theirs(original.text), original }, putBack(false)],
  [
    'replaced since by somebody',
    { ...theirs('a third one\n'), original },
    { action: 'keep', why: 'it has since been replaced by something that is not ours', original },
  ],
  [
    'in the place of what cannot be read',
    { ...ours, original: lost },
    { action: 'keep', why: lost.lost.why, original: lost },
  ],
  [
    'closed by now',
    { ...gone, instead: 'file', original },
    { action: 'keep', why: 'this account may not read what is there now', original },
  ],
  [
    'a folder by now',
    { ...gone, instead: 'directory', original },
    { action: 'keep', why: 'a directory has taken its place', original },
  ],
];

describe('a file of ours', () => {
  it.each(cases)('%s', (_, found, decision) => expect(removalDecision(found)).toEqual(decision));
});

it.each<[string, Original, boolean, string | undefined]>([
  ['as it is', original, false, 'cp -p /backups/1/file /file'],
  ['as it is, by root', original, true, 'sudo cp -p /backups/1/file /file'],
  [
    'by root where only root may read it',
    { ...lost, lost: { why: '', copiedBy: 'sudo cp' } },
    false,
    'sudo cp /backups/1/file /file',
  ],
  ['not at all where there is nothing to copy', lost, true, undefined],
])('what was kept is copied back %s', (_, kept, sudo, command) =>
  expect(copyBack('/file', kept, sudo)).toEqual(command === undefined ? {} : { command }),
);
