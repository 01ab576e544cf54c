import { describe, expect, it } from 'vitest';
import { miseFor, outdatedTools } from '../../../src/components/toolchain/upgrade.ts';
import { noCloudReply } from '../../../src/http/no-reply.ts';
import { failure, success } from '../../../src/problem.ts';

/** As `mise outdated --json` of 2026.9.15 says it. */
const listing = JSON.stringify({
  node: {
    name: 'node',
    requested: '22',
    current: '22.23.3',
    bump: null,
    latest: '22.24.0',
    source: { type: 'mise.toml' },
  },
  go: { name: 'go', requested: '1', current: '1.26.0', bump: null, latest: '1.27.0', source: { type: 'mise.toml' } },
  python: { name: 'python', requested: '3.12', current: null, latest: '3.12.13' },
});
const wanted = ['node@22', 'python@3.12'];
const node = { name: 'node', current: '22.23.3', latest: '22.24.0' };

describe('tools that have something newer', () => {
  it.each([
    ['only those that were asked for and are there', listing, [node]],
    ['none', '{}', []],
    ['no list at all', 'mise ERROR no network', undefined],
  ])('%s', (_title, text, expected) => {
    expect(outdatedTools(text, wanted)).toEqual(expected);
  });
});

const unreached = failure(noCloudReply('mise.jdx.dev', 'clock', ''));

describe('whether mise moves', () => {
  const facts = { chosen: true, present: '2026.9.15', newest: success('2026.9.15'), outdated: [] };
  it.each([
    ['everything is newest', {}, 'current', /nothing to do/],
    ['not chosen', { chosen: false }, 'current', /not chosen/],
    ['not there', { present: undefined }, 'stuck', /not installed/],
    ['mise itself', { newest: success('2026.11.2') }, 'pending', /upgrade mise"/],
    ['newer than the site says', { newest: success('2026.9.1') }, 'current', /nothing to do/],
    ['a tool', { outdated: [node] }, 'pending', /upgrade node"/],
    ['both', { newest: success('2026.11.2'), outdated: [node] }, 'pending', /upgrade mise, node"/],
    ['a tool, and mise’s own site is silent', { newest: unreached, outdated: [node] }, 'pending', /upgrade node"/],
    [
      'nothing can be asked',
      { newest: unreached, outdated: undefined },
      'stuck',
      /of mise and its tools could not.*set-ntp/,
    ],
  ])('%s', (_title, changed, status, words) => {
    const decision = miseFor({ ...facts, ...changed });
    expect(decision.status).toBe(status);
    expect(JSON.stringify(decision)).toMatch(words);
  });
});
