import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlannedResource } from '../../src/engine/run-step.ts';
import { steps } from '../../src/registry/steps.ts';
import { expectedMegabytes, expectedWords } from '../../src/resources/expected-downloads.ts';
import type { Plan, Resource, ResourceId } from '../../src/resources/resource.ts';
import { preview } from '../../src/session/preview.ts';
import { makeScene, type Scene } from '../registry/scene.ts';

const script = (id: ResourceId): Resource => ({
  kind: 'script',
  id,
  title: id,
  inspect: async () => ({ status: 'ok', note: '' }),
  effects: [],
});
const packages: Resource = {
  kind: 'apt-packages',
  id: 'base-packages',
  title: 'packages',
  packages: ['git', 'jq', 'htop'],
};
const runs = (file: string, ...args: readonly string[]): Plan => ({
  status: 'change',
  summary: '',
  effects: [{ do: 'run', why: '', command: { file, args } }],
});
const later: Plan = { status: 'later', waitsFor: 'Docker' };

describe('what is to be fetched', () => {
  it.each<[what: string, resource: Resource, plan: Plan, megabytes: number]>([
    ['an image that is missing', script('gateway-image'), runs('docker', 'pull', 'x'), 400],
    ['an image that nobody can be asked about yet', script('gateway-image'), later, 400],
    ['an image that is there', script('gateway-image'), { status: 'ok', note: '' }, 0],
    ['two packages of three', packages, runs('apt-get', 'install', 'git', 'jq'), 21],
    ['a release that is kept here and only linked', script('claude-code'), runs('ln', '-sfn', 'a', 'b'), 0],
    ['what is taken away', script('claude-code'), runs('rm', '-rf', '--', '/x'), 0],
    [
      'what goes without a command',
      script('mise'),
      { status: 'change', summary: '', effects: [], destructive: true },
      0,
    ],
    ['what is replaced by nothing', script('tools'), { ...runs('mise', 'x'), destructive: true } as Plan, 0],
    ['a file', script('routed-settings'), runs('chmod', '600', 'x'), 0],
  ])('%s', (_what, resource, plan, megabytes) => {
    expect(expectedMegabytes([{ resource, plan }])).toBe(megabytes);
  });

  it('is told with the time that it takes, and not where it is little', () => {
    const image: PlannedResource = { resource: script('gateway-image'), plan: later };
    expect(expectedWords([[image]])).toBe('About 1 minute at 50 Mbit/s, 400 MB to fetch.');
    expect(expectedWords([[{ resource: packages, plan: runs('apt-get', 'install', 'jq') }]])).toBeUndefined();
  });
});

describe('a first run', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await makeScene();
  });
  afterAll(async () => await scene.machine.destroy());

  it('fetches packages, tools, the client and the image', async () => {
    const planned = (await preview(steps, scene.context, scene.host)).map((seen) => seen.planned);
    expect(expectedWords(planned)).toMatch(/^About \d minutes at 50 Mbit\/s, 1\.\d GB to fetch\.$/);
  });
});
