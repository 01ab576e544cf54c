import { describe, expect, it } from 'vitest';
import { type FoundOwnFile, type RemovalDecision, removalDecision } from '../../src/uninstall/former-file.ts';

const original = { backup: '/backups/1/file', text: 'theirs\n', mode: 0o640 };
const ours = { text: 'ours\n', mode: 0o600, asWritten: true, ours: true };

const cases: readonly (readonly [name: string, found: FoundOwnFile, fate: RemovalDecision])[] = [
  ['new, as we wrote it', { ...ours, original: undefined }, { fate: 'remove', edited: false }],
  ['new, edited since', { ...ours, asWritten: false, original: undefined }, { fate: 'remove', edited: true }],
  [
    'never ours',
    { text: 'theirs\n', mode: 0o600, asWritten: false, ours: false, original: undefined },
    { fate: 'nothing' },
  ],
  [
    'gone already',
    { text: undefined, mode: undefined, asWritten: false, ours: false, original: undefined },
    { fate: 'nothing' },
  ],
  ['in the place of something', { ...ours, original }, { fate: 'put-back', original, edited: false }],
  [
    'in the place of something, and edited since',
    { ...ours, text: 'ours, edited\n', asWritten: false, original },
    { fate: 'put-back', original, edited: true },
  ],
  [
    'removed since, or by us',
    { text: undefined, mode: undefined, asWritten: false, ours: false, original },
    { fate: 'put-back', original, edited: false },
  ],
  [
    'back in its place',
    { text: original.text, mode: 0o640, asWritten: false, ours: false, original },
    { fate: 'nothing' },
  ],
  [
    'back with another mode',
    { text: original.text, mode: 0o600, asWritten: false, ours: false, original },
    { fate: 'put-back', original, edited: false },
  ],
  [
    'replaced since by somebody',
    { text: 'a third one\n', mode: 0o600, asWritten: false, ours: false, original },
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
