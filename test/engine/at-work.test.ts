import { describe, expect, it } from 'vitest';
import { holderAmong, whoIsAtWork } from '../../src/engine/at-work.ts';
import { layoutFor } from '../../src/layout.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const layout = layoutFor({ user: 'ada', uid: 1000, home: '/home/ada' });

describe('who holds a lock', () => {
  it.each<[what: string, locks: string, pid: number | undefined]>([
    ['nobody', '', undefined],
    ['a package manager', '1: POSIX  ADVISORY  WRITE 812 08:01:131 0 EOF\n', 812],
    ['a reader', '1: POSIX  ADVISORY  READ 812 08:01:131 0 EOF\n', 812],
    ['somebody with another file', '1: POSIX  ADVISORY  WRITE 812 08:01:7131 0 EOF\n', undefined],
    ['who only waits for it', '1: -> POSIX  ADVISORY  WRITE 9 08:01:131 0 EOF\n', undefined],
    [
      'the one before who waits',
      '1: POSIX ADVISORY WRITE 5 08:01:131 0 EOF\n1: -> POSIX ADVISORY WRITE 9 08:01:131 0 EOF',
      5,
    ],
    ['a process of another namespace', '1: POSIX  ADVISORY  WRITE 0 08:01:131 0 EOF\n', undefined],
    ['a lock of an open file', '1: OFDLCK  ADVISORY  WRITE -1 08:01:131 0 EOF\n', undefined],
    ['words of another kind', 'nothing\n\n: : : :\n', undefined],
  ])('%s', (_what, locks, pid) => {
    expect(holderAmong(locks, ['130', '131'])).toBe(pid);
  });
});

describe('who is at work', () => {
  const begun = (run: string) =>
    JSON.stringify({
      at: '2026-01-01T00:00:00Z',
      run,
      state: 'begun',
      step: 'gateway',
      resource: 'x',
      do: 'run',
      what: 'docker compose up',
    });
  const ended = (run: string) => JSON.stringify({ at: '2026-01-01T00:00:01Z', run, ended: 'install', exitCode: 1 });
  const process = { '/proc/77/environ': 'HOME=/home/ada\0CLAUDE_INSTALL_RUN=first\0', '/proc/77/comm': 'docker\n' };

  it.each<[what: string, files: Readonly<Record<string, string>>, found: object | undefined]>([
    ['nobody on a machine without a journal', {}, undefined],
    ['a program that outlived its run', { [layout.journal]: begun('first'), ...process }, { pid: 77, name: 'docker' }],
    ['nobody when that program is gone', { [layout.journal]: begun('first') }, undefined],
    [
      'nobody when the run said how it ended',
      { [layout.journal]: `${begun('first')}\n${ended('first')}`, ...process },
      undefined,
    ],
    ['not the programs of this very run', { [layout.journal]: begun('now'), ...process }, undefined],
  ])('%s', async (_what, files, found) => {
    const host = new FakeHost(files);
    const seen = await whoIsAtWork(host, layout, 'now');
    if (found === undefined) expect(seen).toBeUndefined();
    else expect(seen).toMatchObject(found);
  });
});
