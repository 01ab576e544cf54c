import { expect, it } from 'vitest';
import { type HomePlace, takenPlace, unusable } from '../../../src/components/launchers/checks.ts';
import type { FileStat } from '../../../src/host/host.ts';

const stat: FileStat = { kind: 'file', mode: 0o644, uid: 1000, size: 1, changedAt: 0 };
const file = { path: '/home/anna/.bashrc', wanted: 'file', stat, readable: true } as const;
const folder = { path: '/home/anna/.config', wanted: 'folder', stat: { ...stat, kind: 'directory' } } as const;

it.each<[string, HomePlace, string, RegExp]>([
  ['a file that is a directory', { ...file, stat: folder.stat }, 'wrong-kind-of-file', /^see what it is.* mv /],
  ['a file that is a pipe', { ...file, stat: { ...stat, kind: 'other' } }, 'wrong-kind-of-file', / mv /],
  [
    'a link that leads nowhere',
    { ...file, stat: { ...stat, kind: 'link', link: '/dotfiles/bashrc', broken: 'missing' } },
    'link-broken',
    / rm /,
  ],
  ['a file of another account', { ...file, readable: false }, 'permission-denied', /sudo chown "\$USER": .*\.bashrc/],
  ['a folder that is a file', { ...folder, stat }, 'wrong-kind-of-file', / mv /],
  [
    'a folder of another account',
    { ...folder, stat: { ...folder.stat, closed: 'permission' } },
    'permission-denied',
    /sudo chown "\$USER": .*\.config/,
  ],
])('%s is told with what to type', (_, place, code, fix) => {
  expect(unusable(place)).toMatchObject([{ code, fix: expect.stringMatching(fix) as string }]);
});

it.each<[string, HomePlace]>([
  ['is as it should be', file],
  ['is not there', { ...file, stat: undefined }],
  ['is a folder of one’s own', folder],
  ['is on a disk that can only be read', { ...folder, stat: { ...folder.stat, closed: 'read-only' } }],
  ['is a link to a file', { ...file, stat: { ...stat, link: '/dotfiles/bashrc' } }],
])('what %s is no finding', (_, place) => expect(unusable(place)).toEqual([]));

it('what is ours and belongs to another account is given back as a whole', () => {
  const [found, ...more] = takenPlace('/home/anna/litellm', 1000, [
    ['/home/anna/litellm', { ...stat, kind: 'directory' }],
    ['/home/anna/litellm/config.yaml', { ...stat, uid: 0 }],
    ['/home/anna/litellm/hook.py', { ...stat, uid: 0, link: '/srv/dots/hook.py' }],
    ['/home/anna/litellm/gone', undefined],
  ]);
  expect(more).toEqual([]);
  expect(found).toMatchObject({
    code: 'permission-denied',
    problem: '/home/anna/litellm/config.yaml belongs to another account',
    fix: expect.stringMatching(/sudo chown -R "\$USER": \/home\/anna\/litellm$/),
  });
});
