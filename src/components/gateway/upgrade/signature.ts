import type { Context } from '../../../context.ts';
import type { Proof, ProofResult } from '../../../engine/step.ts';
import type { Probe } from '../../../host/host.ts';
import { failure, success } from '../../../result.ts';

/** Who signs LiteLLM's images since November 2026; the release workflow verifies the same (.github/workflows/release.yml). */
export const signedBy = {
  identity: 'https://github.com/BerriAI/project-releaser/.github/workflows/release.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
} as const;

/** The signature of an image, by cosign where that is installed. Without it that is said, and the digest alone has to do. */
export function signature(reference: string): Proof<Context> {
  return { name: 'signature', always: true, run: async (probe) => await verify(probe, reference) };
}

async function verify(probe: Pick<Probe, 'query'>, reference: string): Promise<ProofResult> {
  const { identity, issuer } = signedBy;
  const args = ['verify', '--certificate-identity', identity, '--certificate-oidc-issuer', issuer, reference];
  const { exitCode, stderr } = await probe.query({ file: 'cosign', args, timeoutMs: 60_000 });
  if (exitCode === 0) return success({ note: 'valid, by the workflow that makes LiteLLM’s releases' });
  if (exitCode === 127) return success({ note: 'not checked: cosign is not installed' });
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return failure({
    code: 'image-signature-wrong',
    problem: `the signature of ${reference} could not be verified: ${said || `cosign ended with exit code ${exitCode}`}`,
    fix: `try it yourself:  cosign ${args.join(' ')}`,
  });
}
