import { describe, expect, it } from 'vitest';
import { aptTroubles, packagesMissing } from '../../../src/components/base-system/checks.ts';
import { clientTroubles } from '../../../src/components/claude-code/checks.ts';
import { gatewayImage } from '../../../src/components/gateway/image.ts';
import { foldersIn, missingFolders, severalClients } from '../../../src/components/launchers/path-checks.ts';
import { problemsIn } from '../../../src/components/machine/answers-checks.ts';
import { clockTroubles } from '../../../src/components/machine/clock-checks.ts';
import {
  crowdedAmong,
  disksIn,
  imagesNobodyNeeds,
  needed,
  readOnlyAmong,
} from '../../../src/components/machine/disk-checks.ts';
import { staleVariables } from '../../../src/components/machine/session-checks.ts';

describe('variables that lead to the bus', () => {
  const wanted = { XDG_RUNTIME_DIR: '/run/user/1000', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus' };
  it.each([
    ['right ones', wanted, undefined],
    ['none: programs of ours get them all the same', {}, undefined],
    [
      'the id of the bus behind it',
      { ...wanted, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus,guid=0af3' },
      undefined,
    ],
    ['those of root', { XDG_RUNTIME_DIR: '/run/user/0' }, 'export XDG_RUNTIME_DIR=/run/user/1000'],
    [
      'both of somebody else',
      { XDG_RUNTIME_DIR: '/run/user/7', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/tmp/dbus-1' },
      'export XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus',
    ],
  ])('%s', (_, environment, fix) => {
    expect(staleVariables(wanted, environment)[0]?.fix).toBe(fix);
  });
});

describe('PATH', () => {
  const own = { uid: 1000, binDir: '/home/claude/.local/bin' };
  it.each([
    ['has all', own, '/home/claude/.local/bin:/usr/bin', true, undefined],
    ['needs no launchers where there are none', own, '/usr/bin', false, undefined],
    ['lost the launchers', own, '/usr/bin:/bin', true, 'claude-routed'],
    ['lost everything', own, '/home/claude/.local/bin', true, 'ls'],
    ['of root after plain su', { ...own, uid: 0 }, '/usr/local/bin:/usr/bin:/bin', false, 'adduser'],
    ['of root', { ...own, uid: 0 }, '/usr/sbin:/usr/bin', false, undefined],
  ])('%s', (_, layout, path, installed, lost) => {
    const [found] = missingFolders(layout, foldersIn(path), installed);
    expect(found?.symptom).toBe(lost === undefined ? undefined : `command not found: ${lost}`);
  });

  it('gives root the way that lasts and the way for this shell', () => {
    expect(missingFolders({ uid: 0, binDir: '' }, ['/usr/bin'], false)[0]?.fix).toBe(
      'exit, then  su -   or type  export PATH=/usr/sbin:$PATH',
    );
  });

  it.each([
    [[], undefined],
    [['/home/claude/.claude/local/claude'], 'rm -r /home/claude/.claude/local'],
    [['/usr/local/bin/claude'], 'npm uninstall -g @anthropic-ai/claude-code'],
  ])('another client among %j', (others, fix) => {
    const [found] = severalClients('/home/claude/.local/bin/claude', others);
    if (fix === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject({ severity: 'note', fix: expect.stringContaining(fix) });
  });
});

describe('apt', () => {
  const lists = ['lock', 'mirror_dists_trixie_main_binary-amd64_Packages.lz4'];
  it.each([
    ['all well', 'ii \tbash\nrc \told\n', lists, []],
    ['nothing fetched yet', 'ii \tbash\n', ['lock', 'partial'], ['apt has no package lists']],
    [
      'interrupted',
      'ii \tbash\niU \thtop\niF \tgit\n',
      lists,
      ['an earlier installation was interrupted, and packages are only half installed'],
    ],
  ])('%s', (_, states, names, problems) => {
    expect(aptTroubles({ exitCode: 0, stdout: states, stderr: '' }, names).map(({ problem }) => problem)).toEqual(
      problems,
    );
  });

  it('a damaged list of packages is told, and nothing is guessed from it', () => {
    const stderr = "dpkg-query: error: parsing file '/var/lib/dpkg/status' near line 199:\n end of field\n";
    const [found, ...more] = aptTroubles({ exitCode: 2, stdout: '', stderr }, []);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ code: 'packages-unreadable', fix: expect.stringContaining('status-old') });
  });

  it('says of a missing package what apt knows of it', () => {
    const policy =
      'htop:\n  Installed: (none)\n  Candidate: 3.4.1-5\nfrob:\n  Installed: (none)\n  Candidate: (none)\n';
    const wanted = { kind: 'apt-packages', id: 'base-packages', title: 'base packages', packages: [] } as const;
    expect(packagesMissing(wanted, ['htop', 'frob', 'gone'], policy).evidence.map(({ text }) => text)).toEqual([
      'dpkg-query: htop is not installed',
      'dpkg-query: frob is not installed, and no source offers it',
      'dpkg-query: gone is not installed, and apt does not know it',
    ]);
  });
});

describe('the clock', () => {
  const here = Date.parse('2026-11-22T12:00:00Z');
  const ntp = { synchronized: true, canNtp: true };
  it.each([
    ['right', { here, there: here + 900, ...ntp }, undefined],
    ['right, and nothing keeps it so', { here, there: here, synchronized: false, canNtp: false }, undefined],
    ['an hour behind', { here, there: here + 3_600_000, ...ntp }, 'the clock of this machine is 3600 s behind'],
    ['two minutes ahead', { here, there: here - 120_000, ...ntp }, 'the clock of this machine is 120 s ahead'],
    ['unknown, but kept', { here, there: undefined, ...ntp }, undefined],
    [
      'unknown and not kept',
      { here, there: undefined, synchronized: false, canNtp: true },
      'nothing keeps this machine’s clock right',
    ],
  ])('%s', (_, seen, problem) => {
    expect(clockTroubles(seen)[0]?.problem).toBe(problem);
  });
});

describe('the disk', () => {
  it.each([
    ['room everywhere', '  Avail Mounted on\n83312M /\n83312M /\n 7900M /tmp\n', []],
    ['a full home, told once for two folders of it', '300M /\n300M /\n7900M /tmp', ['/']],
    ['a small /tmp is enough', '5000M /\n60M /tmp', []],
    ['a full /tmp', '5000M /\n3M /tmp', ['/tmp']],
    ['a small disk for records', '5000M /\n60M /home/u/.local/state', []],
    [
      'a full disk for records',
      '5000M /\n0M /home/u/.local/state/claude-routing',
      ['/home/u/.local/state/claude-routing'],
    ],
    ['a disk for Docker’s data', '5000M /\n300M /home/u/.local', ['/home/u/.local']],
    ['no answer', '', []],
  ])('%s', (_, df, full) => {
    const found = disksIn(df.replaceAll('M ', 'M 0 0 ')).filter((one) => one.megabytes < needed(one, '/home/u'));
    expect(found.map(({ place }) => place)).toEqual(full);
  });

  it.each([
    ['room for files', '5000M 900000 800000 /', []],
    ['no file can be added', '5000M 900000 0 /', ['/']],
    ['too few for an image', '5000M 900000 5000 /', ['/']],
    ['few are enough for records', '5000M 100 60 /home/u/.local/state', []],
    ['too few for records', '5000M 100 3 /home/u/.local/state', ['/home/u/.local/state']],
    ['btrfs, which counts none', '5000M 0 0 /\n5000M - - /home', []],
  ])('%s', (_, df, crowded) => {
    expect(crowdedAmong(disksIn(df), '/home/u').map(({ place }) => place)).toEqual(crowded);
  });

  it('is told when it can only be read, by what is mounted last at its place', () => {
    const disks = disksIn('5M 0 0 /\n5M 0 0 /home/my disk\n5M 0 0 /tmp');
    const mounts =
      '/dev/a / ext4 ro 0 0\n/dev/b / ext4 rw,errors=remount-ro 0 0\n/dev/c /home/my\\040disk ext4 nosuid,ro 0 0\n';
    expect(readOnlyAmong(disks, mounts).map(({ place }) => place)).toEqual(['/home/my disk']);
  });

  it('spares the image that runs, the one to return to, and the one that is wanted', () => {
    const repository = 'ghcr.io/berriai/litellm';
    const images = [
      `${repository}:v1.108.9 <none> sha256:a`,
      `${repository}:v1.108.10 sha256:d10 sha256:b`,
      `${repository}:<none> sha256:d11 sha256:c`,
      `${repository}:<none> <none> sha256:e`,
      `${gatewayImage} <none> sha256:f`,
    ].join('\n');
    expect(imagesNobodyNeeds(images, `running ${repository}@sha256:d11\nkept sha256:d10`)).toEqual([
      `${repository}:v1.108.9`,
      'sha256:e',
    ]);
  });
});

describe('saved answers', () => {
  it.each([
    ['whole', 'version: 1\nlocalModel:\n  address: 192.168.1.20\n', undefined],
    ['no YAML', 'version: 1\nlocalModel: [\n', /line \d/],
    [
      'an unknown key',
      'version: 1\nlocalModel:\n  address: 192.168.1.20\n  modell: x\n',
      /line 4.*did you mean localModel\.model/,
    ],
    ['a wrong value', 'version: 1\nlocalModel:\n  address: 192.168.1.20\nfailover:\n  allowed: perhaps\n', /line 5/],
  ])('%s', (_, text, problem) => {
    const [found] = problemsIn('answers.yaml', text);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found?.problem).toMatch(problem);
  });
});

describe('Claude Code', () => {
  it.each([
    ['works', '2.1.330', undefined],
    ['refused', '2.1.266', 'API Error 400 in every turn'],
    ['does not start', undefined, 'Claude Code is not installed'],
  ])('%s', (_, version, symptom) => {
    expect(clientTroubles('/home/claude/.local/bin/claude', version, '', [])[0]?.symptom).toBe(symptom);
  });
});
