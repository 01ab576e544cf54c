import { describe, expect, it } from 'vitest';
import { osRelease, spaceFinding, startFinding, systemName } from '../../src/checks/machine.ts';
import { prepareScript } from '../../src/commands/prepare-host.ts';
import { isPrivate } from '../../src/components/base-system/firewall.ts';
import { clientCommands } from '../../src/components/base-system/ssh-access.ts';
import { newestWorking, refusedVersionProblem } from '../../src/components/claude-code/step.ts';
import { accountRanges, firstFree, idsOf, parseRanges } from '../../src/components/docker/rootless-step.ts';
import { missingTools } from '../../src/components/toolchain/step.ts';

describe('subordinate ids', () => {
  it.each<[text: string, ranges: readonly object[]]>([
    ['claude:100000:65536\n', [{ user: 'claude', first: 100_000, count: 65_536 }]],
    ['a:100000:65536\nb:165536:65536\n', [{ first: 100_000 }, { first: 165_536 }]],
    ['# a comment\n\nclaude:100000\nclaude:x:y\n:1:2\n', []],
    ['', []],
  ])('%j', (text, ranges) => {
    expect(parseRanges(text)).toMatchObject(ranges);
    expect(parseRanges(text)).toHaveLength(ranges.length);
  });

  it.each([
    ['', 100_000],
    ['a:100000:65536\n', 165_536],
    ['b:300000:10\na:100000:65536\n', 300_010],
    ['a:5:5\n', 100_000],
  ])('the first that is free behind %j is %i', (text, first) => {
    expect(firstFree(parseRanges(text))).toBe(first);
  });

  it.each([
    ['anna:100000:65536\n', 65_536],
    ['1234:100000:65536\nanna:200000:10\n', 65_546],
    ['annabel:100000:65536\n', 0],
  ])('of anna, 1234, in %j are %i', (text, count) => {
    expect(idsOf({ user: 'anna', uid: 1234 }, parseRanges(text))).toBe(count);
  });

  it('are behind the numbers of accounts that stand among them', () => {
    const passwd = 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\nldap:x:180000:1::/:/bin/sh\n';
    expect(firstFree([...parseRanges('a:100000:65536\n'), ...accountRanges(passwd)])).toBe(180_001);
  });
});

/** Listings as mise 2026.9 was seen to print them. */
describe('tools that are missing', () => {
  const node = (requested: string, installed: boolean) =>
    JSON.stringify({
      node: [{ version: '22.23.3', requested_version: requested, install_path: '/x', installed, active: true }],
    });
  it.each<[name: string, listing: string, missing: readonly string[]]>([
    ['none of them is there', '{}', ['node@22', 'python@3.12']],
    ['one is there', node('22', true), ['python@3.12']],
    ['one is chosen and not installed', node('22', false), ['node@22', 'python@3.12']],
    ['another version is there', node('20', true), ['node@22', 'python@3.12']],
    ['it says nothing', '', ['node@22', 'python@3.12']],
    ['it says something else', 'mise WARN  …\n{', ['node@22', 'python@3.12']],
    ['it lists in another way', '{"node": "22"}', ['node@22', 'python@3.12']],
  ])('%s', (_, listing, missing) => {
    expect(missingTools(['node@22', 'python@3.12'], listing)).toEqual(missing);
  });
});

describe('what a system calls itself', () => {
  it.each([
    ['PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n', 'linux', 'Debian GNU/Linux 13 (trixie)'],
    ["PRETTY_NAME='Void'\n", 'linux', 'Void'],
    [undefined, 'darwin', 'macOS'],
    [undefined, 'win32', 'Windows'],
    ['', 'sunos', 'an unknown system (sunos)'],
  ])('%j on %s is %s', (release, platform, name) => {
    expect(systemName(release, platform)).toBe(name);
  });

  it('may have quotes, comments and empty lines around it', () => {
    expect(osRelease('# x\nID=debian\nVERSION_ID="13"\n\n  BUG_REPORT_URL="https://x/?a=b"\n')).toEqual({
      ID: 'debian',
      VERSION_ID: '13',
      BUG_REPORT_URL: 'https://x/?a=b',
    });
  });
});

it.each([
  [undefined, false, 'ok'],
  [8, false, 'ok'],
  [7, false, 'stop'],
  [1, true, 'ok'],
])('%s GB free, set up before: %s, is %s', (freeGigabytes, before, status) => {
  const found = {
    system: '',
    supported: { status: 'ok', note: '' },
    architecture: 'amd64',
    memoryGigabytes: 16,
    freeGigabytes,
  } as const;
  expect(spaceFinding(found, before).status).toBe(status);
});

it.each([
  ['allowed', '/dev/a / ext4 rw 0 0\n/dev/b /tmp tmpfs rw,noexec 0 0\n', 'ok'],
  ['forbidden in the home', '/dev/a / ext4 rw 0 0\n/dev/b /home ext4 rw,nosuid,noexec 0 0\n', 'stop'],
  ['allowed by what is mounted later', '/dev/b /home ext4 rw,noexec 0 0\n/dev/b /home ext4 rw 0 0\n', 'ok'],
  [
    'forbidden elsewhere, by the beginning of a name',
    '/dev/a / ext4 rw 0 0\n/dev/b /home/anna/.lo ext4 noexec 0 0\n',
    'ok',
  ],
  ['not known', '', 'ok'],
])('that programs start there is %s', (_, mounts, status) => {
  expect(startFinding('/home/anna/.local/bin', mounts).status).toBe(status);
});

it.each([
  ['10.1.2.3', true],
  ['172.15.0.1', false],
  ['172.16.0.1', true],
  ['172.31.255.255', true],
  ['172.32.0.1', false],
  ['192.168.1.7', true],
  ['100.64.0.1', true],
  ['100.128.0.1', false],
  ['127.0.0.1', true],
  ['203.0.113.9', false],
  ['fe80::1', true],
  ['fd00::1', true],
  ['fc00::1', true],
  ['::1', true],
  ['2001:db8::1', false],
])('%s belongs to a network that stays open: %s', (address, open) => {
  expect(isPrivate(address)).toBe(open);
});

it.each(['2.1.156', '2.1.265', '2.1.266', '2.1.267', '2.1.275'])(
  'Claude Code %s is refused, with the way to another one',
  (version) => {
    for (const [channel, other] of [
      ['stable', 'latest'],
      ['latest', 'stable'],
    ] as const)
      expect(refusedVersionProblem(version, channel)).toMatchObject({
        problem: expect.stringContaining(version),
        fix: expect.stringContaining(`claudeCode.channel=${other}`),
      });
  },
);

it.each(['2.1.155', '2.1.268', '2.1.330', ''])('Claude Code %s is not refused', (version) => {
  expect(refusedVersionProblem(version, 'stable')).toBeUndefined();
});

it('the commands for the other computer have account and address filled in, for each kind of client', () => {
  const text = clientCommands('anna', '192.168.1.10').join('\n');
  expect(text).toMatch(/PowerShell[\s\S]*ssh anna@192\.168\.1\.10[\s\S]*ssh-copy-id anna@192\.168\.1\.10[\s\S]*PuTTY/);
  expect(text).not.toMatch(/PasswordAuthentication|undefined/);
});

describe('the script for root', () => {
  it.each([undefined, 'ssh-ed25519 AAAA anna@desk', "ssh-ed25519 AAAA it's $(mine)"])(
    'is filled in whole with the key %j',
    (authorizedKey) => {
      const script = prepareScript({ user: 'anna', home: '/home/anna', authorizedKey });
      expect(script).not.toMatch(/\{\{|\}\}/);
      expect(script).toContain('user=anna');
      expect(script).toMatch(/^#!\/bin\/sh\n/);
    },
  );
});

it.each<[kept: readonly string[], best: string | undefined]>([
  [['2.1.9', '2.1.264', '2.1.266'], '2.1.264'],
  [['2.1.266', '2.1.330', '2.1.275'], '2.1.330'],
  [['2.1.266', '2.1.275'], undefined],
  [['2.1.330.tmp', 'latest'], undefined],
  [[], undefined],
])('of %j Claude Code %s may take over', (kept, best) => {
  expect(newestWorking(kept)).toBe(best);
});
