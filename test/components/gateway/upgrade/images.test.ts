import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keptImages, signature, signedBy, withoutImage } from '../../../../src/components/gateway/upgrade/images.ts';
import type { Context, InstallerStep } from '../../../../src/context.ts';
import { describeEffect } from '../../../../src/engine/event.ts';
import { planStep } from '../../../../src/engine/run-step.ts';
import { keptImage, layoutFor } from '../../../../src/layout.ts';
import { failure, success } from '../../../../src/problem.ts';
import { FakeHost } from '../../../machine/doubles/fake-host.ts';

const layout = layoutFor({ user: 'me', uid: 1000, home: '/home/me' });
const env = Object.entries(layout.sessionEnv)
  .map(([name, value]) => `${name}=${value}`)
  .join(' ');
const docker = (words: string) => `${env} docker ${words}`;

/** An engine with these images by name, and containers of some of them. */
function engineWith(images: Readonly<Record<string, string>>, used: readonly string[] = []): FakeHost {
  const host = new FakeHost();
  for (const name of ['new', 'old', keptImage])
    host.tell(
      docker(`image inspect -f '{{.Id}}' ${name}`),
      images[name] === undefined ? { exitCode: 1 } : { stdout: `${images[name]}\n` },
    );
  for (const id of new Set(Object.values(images)))
    host.tell(docker(`ps --all --quiet --filter ancestor=${id}`), { stdout: used.includes(id) ? 'c0ffee\n' : '' });
  return host;
}

async function effectsOf(step: InstallerStep, host: FakeHost): Promise<readonly string[]> {
  const planned = await planStep(step, { layout } as Context, host);
  return planned.flatMap(({ plan }) => (plan.status === 'change' ? plan.effects.map(describeEffect) : []));
}

const tagged = docker(`tag 2 ${keptImage}`);
const removed = (id: string) => docker(`image rm --force ${id}`);

describe('after a success', () => {
  it.each([
    ['the former one is kept', { new: '1', old: '2' }, [], [tagged]],
    ['the one before it goes', { new: '1', old: '2', [keptImage]: '3' }, [], [removed('3'), tagged]],
    ['unless a container uses it', { new: '1', old: '2', [keptImage]: '3' }, ['3'], [tagged]],
    ['or it is the new one: forth and back', { new: '1', old: '2', [keptImage]: '1' }, [], [tagged]],
    ['nothing is done twice', { new: '1', old: '2', [keptImage]: '2' }, [], []],
    ['nor for one that is gone', { new: '1' }, [], []],
  ])('%s', async (_title, images, used, expected) => {
    expect(await effectsOf(keptImages('old', 'new'), engineWith(images as Record<string, string>, used))).toEqual(
      expected,
    );
  });
});

describe('an image that did not do', () => {
  it.each([
    ['goes', { new: '1', old: '2' }, [], [removed('1')]],
    ['is gone already', { old: '2' }, [], []],
    ['stays where a container uses it', { new: '1', old: '2' }, ['1'], []],
    ['stays where it is the one that serves', { new: '2', old: '2' }, [], []],
    ['stays where it is the one that is kept', { new: '1', old: '2', [keptImage]: '1' }, [], []],
  ])('%s', async (_title, images, used, expected) => {
    expect(await effectsOf(withoutImage('new', 'old'), engineWith(images as Record<string, string>, used))).toEqual(
      expected,
    );
  });
});

const image = `ghcr.io/berriai/litellm@sha256:${'a'.repeat(64)}`;
const line = `cosign verify --certificate-identity ${signedBy.identity} --certificate-oidc-issuer ${signedBy.issuer} ${image}`;
const verified = async (answer: object) =>
  await signature(image).run(new FakeHost().tell(line, answer), {} as Context, () => undefined);

describe('the signature of an image', () => {
  it.each([
    ['holds', { exitCode: 0 }, success({ note: expect.stringMatching(/^valid/) as string })],
    [
      'is not checked where cosign is missing',
      { exitCode: 127 },
      success({ note: 'not checked: cosign is not installed' }),
    ],
    [
      'does not hold, which ends it',
      {
        exitCode: 1,
        stderr: 'Error: no matching signatures\nerror during command execution: no matching signatures\n',
      },
      failure({
        code: 'image-signature-wrong',
        problem: expect.stringMatching(/could not be verified: error.*no matching/) as string,
        fix: expect.stringContaining(line) as string,
      }),
    ],
  ])('%s', async (_title, answer, expected) => {
    expect(await verified(answer)).toEqual(expected);
  });

  it('is asked of the same signer by the release workflow', () => {
    const workflow = readFileSync(new URL('../../../../.github/workflows/release.yml', import.meta.url), 'utf8');
    expect(workflow).toContain(`--certificate-identity ${signedBy.identity} `);
    expect(workflow).toContain(`--certificate-oidc-issuer ${signedBy.issuer} `);
  });
});
