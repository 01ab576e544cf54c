import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signature, signedBy } from '../../../../src/components/gateway/upgrade/images.ts';
import type { Context } from '../../../../src/context.ts';
import { failure, success } from '../../../../src/result.ts';
import { FakeHost } from '../../../machine/doubles/fake-host.ts';

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
