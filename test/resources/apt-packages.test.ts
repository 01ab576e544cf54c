import { describe, expect, it } from 'vitest';
import { shellLine } from '../../src/engine/event.ts';
import type { Effect } from '../../src/host/host.ts';
import { success } from '../../src/problem.ts';
import {
  aptGet,
  aptUpdate,
  halfInstalledPackages,
  inspectAptPackages,
  installedPackages,
  planAptPackages,
} from '../../src/resources/apt-packages.ts';
import { planResource } from '../../src/resources/plan-resource.ts';
import type { AptPackagesResource } from '../../src/resources/resource.ts';
import { FakeHost } from '../machine/doubles/fake-host.ts';

const asking = "LC_ALL=C dpkg-query -W '-f=${db:Status-Abbrev}\\t${Package}\\n'";
const wanted: AptPackagesResource = {
  kind: 'apt-packages',
  id: 'packages',
  title: 'packages',
  packages: ['curl', 'jq'],
};
const docker: AptPackagesResource = {
  ...wanted,
  packages: ['docker-ce'],
  conflicting: { packages: ['docker.io', 'runc'], removalAllowed: false },
};

/** What dpkg-query 1.22 was seen to print. */
describe('what is installed', () => {
  it.each<[name: string, stdout: string, installed: readonly string[]]>([
    ['all of it, and more', 'ii \tcurl\nii \tjq\nii \tgit\n', ['curl', 'jq']],
    ['a package that apt never heard of', 'ii \tcurl\n', ['curl']],
    ['a package that is held', 'hi \tcurl\nii \tjq\n', ['curl', 'jq']],
    ['a package that was removed and left its configuration', 'rc \tcurl\nii \tjq\n', ['jq']],
    ['a package that is known and not installed', 'un \tcurl\nii \tjq\n', ['jq']],
    ['an installation that broke off', 'iF \tcurl\niU \tjq\n', []],
    ['two architectures of one package', 'ii \tcurl\nii \tcurl\nii \tjq\n', ['curl', 'jq']],
    ['nothing at all', '', []],
    ['garbage', 'Warning: \tx\n\n\t\t\nii \n', []],
  ])('%s', async (_, stdout, installed) => {
    const host = new FakeHost().tell(asking, { stdout });
    const found = await installedPackages(host);
    expect(found.ok && ['curl', 'jq'].filter((name) => found.value.has(name))).toEqual(installed);
  });

  it('looks for what is in the way in the same question', async () => {
    const host = new FakeHost().tell(asking, { stdout: 'ii \tdocker.io\nrc \trunc\n' });
    expect(await inspectAptPackages(host, docker)).toEqual(
      success({ missing: ['docker-ce'], conflicting: ['docker.io'] }),
    );
  });
});

/** As dpkg-query 1.22 says it of a list with a damaged line, and of a machine that has no memory left. */
it.each([
  [
    "dpkg-query: error: parsing file '/var/lib/dpkg/status' near line 199 package 'binutils':\n field name 'garbage' must be followed by colon\n",
    /ended with 2: parsing file '\/var\/lib\/dpkg\/status' near line 199 package 'binutils': field name 'garbage'/,
    /sudo cp --backup=numbered \/var\/lib\/dpkg\/status-old \/var\/lib\/dpkg\/status /,
  ],
  ['', /ended with 2$/, /sudo dpkg --audit/],
])('a list that cannot be read is no empty one: %j', async (stderr, problem, fix) => {
  const host = new FakeHost().tell(asking, { exitCode: 2, stderr });
  const blocked = {
    status: 'blocked',
    code: 'packages-unreadable',
    problem: expect.stringMatching(problem),
    fix: expect.stringMatching(fix),
  };
  expect(await planResource(host, docker)).toEqual(blocked);
  expect(await planResource(host, halfInstalledPackages)).toEqual(blocked);
});

describe('what is planned', () => {
  const lines = (effects: readonly Effect[]) =>
    effects.map((effect) => (effect.do === 'run' ? shellLine(effect.command) : effect.do));

  it('nothing when all is there, even beside what would have been in the way', () => {
    expect(planAptPackages(docker, success({ missing: [], conflicting: ['runc'] }))).toEqual({
      status: 'ok',
      note: '1 package',
    });
  });

  it('fresh lists, then the missing packages alone', () => {
    const plan = planAptPackages(wanted, success({ missing: ['jq'], conflicting: [] }));
    if (plan.status !== 'change') throw new Error(plan.status);
    expect(plan.summary).toBe('install jq: jq');
    expect(plan.effects[0]).toEqual(aptUpdate);
    expect(lines(plan.effects)[1]).toMatch(
      /^sudo env DEBIAN_FRONTEND=noninteractive .* apt-get -y -q .*--force-confold install jq$/,
    );
  });

  it('blocked by packages that may not be removed', () => {
    const plan = planAptPackages(docker, success({ missing: ['docker-ce'], conflicting: ['docker.io', 'runc'] }));
    expect(plan).toMatchObject({
      status: 'blocked',
      problem: expect.stringContaining('docker.io runc'),
      fix: expect.stringContaining('docker.removeConflicting=true'),
    });
  });

  it('their removal first where it is allowed, and said in the summary', () => {
    const allowed = { ...docker, conflicting: { packages: ['docker.io'], removalAllowed: true } };
    const plan = planAptPackages(allowed, success({ missing: ['docker-ce'], conflicting: ['docker.io'] }));
    if (plan.status !== 'change') throw new Error(plan.status);
    expect(plan.summary).toBe('remove docker.io; install docker-ce: docker-ce');
    expect(lines(plan.effects).map((line) => / (remove|update|install)\b/.exec(line)?.[1])).toEqual([
      'remove',
      'update',
      'install',
    ]);
  });

  it('waits for a lock of somebody else instead of failing at once', () => {
    expect(aptGet(['install', 'x'], 'w').command.args).toContain('DPkg::Lock::Timeout=300');
    expect(aptUpdate.retry).toEqual({ text: 'Could not get lock', forMs: 300_000 });
  });
});
