import { describe, expect, it } from 'vitest';
import { type FoundOwnFile, type RemovalDecision, removalDecision } from '../../src/uninstall/former-file.ts';

const original = { backup: '/backups/1/file', text: 'theirs\n', mode: 0o640 };
const ours = { text: 'ours\n', mode: 0o600, asWritten: true, ours: true };
const gone = { text: undefined, mode: undefined, asWritten: false, ours: false };
const theirs = (text: string, mode = 0o600) => ({ text, mode, asWritten: false, ours: false });
const fresh = { original: undefined };
const putBack = (edited: boolean) => ({ fate: 'put-back', original, edited }) as const;

const cases: readonly (readonly [name: string, found: FoundOwnFile, fate: RemovalDecision])[] = [
  ['new, as we wrote it', { ...ours, ...fresh }, { fate: 'remove', edited: false }],
  ['new, edited since', { ...ours, asWritten: false, ...fresh }, { fate: 'remove', edited: true }],
  ['never ours', { ...theirs('theirs\n'), ...fresh }, { fate: 'nothing' }],
  ['gone already', { ...gone, ...fresh }, { fate: 'nothing' }],
  ['in the place of something', { ...ours, original }, putBack(false)],
  ['the same, and edited since', { ...ours, text: 'ours, edited\n', asWritten: false, original }, putBack(true)],
  ['removed since, or by us', { ...gone, original }, putBack(false)],
  ['back in its place', { ...theirs(original.text, 0o640), original }, { fate: 'nothing' }],
  ['back with another mode', { ...theirs(original.text), original }, putBack(false)],
  [
    'replaced since by somebody',
    { ...theirs('a third one\n'), original },
    { fate: 'keep', why: 'it has since been replaced by something that is not ours', original },
  ],
];

describe('a file of ours', () => {
  it.each(cases)('%s', (_, found, fate) => expect(removalDecision(found)).toEqual(fate));

  it('is not replaced by bytes that would be damaged on the way', () => {
    const latin = { ...original, text: 'caf\uFFFD\n' };
    expect(removalDecision({ ...ours, original: latin })).toEqual({
      fate: 'keep',
      why: 'what was there before is not UTF-8 text',
      original: latin,
    });
  });
});
