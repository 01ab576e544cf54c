import { describe, expect, it } from 'vitest';
import { releaseFor } from '../../../src/components/claude-code/upgrade.ts';
import { noCloudReply } from '../../../src/http/no-reply.ts';
import { failure, success } from '../../../src/problem.ts';

const unreached = failure(noCloudReply('downloads.claude.ai', 'refused', ''));

describe('which Claude Code to move to', () => {
  it.each([
    ['a newer one', '2.1.329', success('2.1.330'), 'pending', /go back/],
    ['numbers, not letters', '2.1.99', success('2.1.330'), 'pending', /go back/],
    ['the same', '2.1.330', success('2.1.330'), 'current', /nothing to do/],
    ['an older one in the channel', '2.1.331', success('2.1.330'), 'current', /newer than what stable has/],
    ['a refused one is passed over', '2.1.274', success('2.1.275'), 'current', /2\.1\.275 is skipped/],
    ['a refused one here is left', '2.1.275', success('2.1.276'), 'pending', /replace 2\.1\.275, which/],
    ['even for an older one', '2.1.275', success('2.1.274'), 'pending', /replace 2\.1\.275, which/],
    ['nothing good', '2.1.266', success('2.1.267'), 'stuck', /claudeCode\.channel=latest/],
    ['not installed', undefined, success('2.1.330'), 'stuck', /not installed/],
    ['the site is silent', '2.1.330', unreached, 'stuck', /connection-blocked.*was refused/],
    [
      'the site is silent, and the present one is refused',
      '2.1.275',
      unreached,
      'stuck',
      /can cause that; and 2\.1\.275 sends/,
    ],
  ])('%s', (_title, present, newest, status, words) => {
    const decision = releaseFor({ present, newest, channel: 'stable' });
    expect(decision.status).toBe(status);
    expect(JSON.stringify(decision)).toMatch(words);
  });
});
