import type { Context, InstallerStep } from '../../../context.ts';
import { ask, containerInspect, docker, dockerRun, imageInspect } from '../../../docker-client/docker.ts';
import type { Proof, ProofResult } from '../../../engine/step.ts';
import type { Probe } from '../../../host/host.ts';
import { keptImage, type Layout } from '../../../layout.ts';
import { failure, success } from '../../../problem.ts';
import type { Resource, ScriptFound } from '../../../resources/resource.ts';
import { shellWord } from '../../../shell/word.ts';
import { lastLine } from '../../../text/said.ts';
import { parseImageReference } from '../image.ts';
import { image, pinnedImage } from '../step.ts';
import { type Candidate, shortDigest } from './candidate.ts';

/** The image of the gateway's container; undefined unless it runs: one that was created and never started proves nothing. */
export async function runningImage(probe: Pick<Probe, 'query'>, layout: Layout): Promise<string | undefined> {
  const template = '{{.State.Running}} {{.Config.Image}}';
  const { said } = await ask(probe, containerInspect(layout, layout.containerName, template));
  const [runs, image] = said.split(' ');
  return runs === 'true' ? image : undefined;
}

/** Pulls a candidate and checks that it is what was announced, and who signed it. Nothing runs it yet. */
export function candidateImage({ reference, digest }: Candidate): InstallerStep {
  return {
    id: 'candidate',
    title: 'candidate image',
    guidePhase: 'phase 9',
    why: 'The image to try has to be here, and has to be what the registry announced.',
    resources: (context) => [image(context, reference)],
    proofs: [digestProof(reference, digest), signature(`${repositoryOf(reference)}@${digest}`)],
  };
}

function repositoryOf(reference: string): string {
  return parseImageReference(reference)?.repository ?? reference;
}

function digestProof(reference: string, digest: string): Proof<Context> {
  return {
    name: 'digest',
    always: true,
    run: async (probe, context) => {
      const pinned = await pinnedImage(probe, context, reference);
      const found = parseImageReference(pinned ?? '')?.digest;
      if (found === digest) return success({ note: shortDigest(digest) });
      return failure({
        code: 'image-digest-wrong',
        problem: `${reference} is ${found === undefined ? 'without a digest' : shortDigest(found)} here, and the registry announces ${shortDigest(digest)}`,
        fix: `if you did not put it here yourself, remove it and try again:  docker image rm ${shellWord(reference)}`,
      });
    },
  };
}

/** Removes an image that failed its trial, unless something uses it. */
export function withoutImage(reference: string, used: string): InstallerStep {
  return {
    id: 'candidate',
    title: 'candidate removed',
    guidePhase: 'phase 9',
    why: 'What failed is not kept.',
    resources: ({ layout }) => [
      {
        kind: 'script',
        id: 'image-that-did-not-do',
        title: 'image that failed',
        inspect: async (probe) => await removable(probe, layout, reference, [used, keptImage]),
      },
    ],
  };
}

/** After a success: the image before the new one gets the name under which it is kept, and the one kept so far goes. */
export function keptImages(former: string, present: string): InstallerStep {
  return {
    id: 'kept-image',
    title: 'former image',
    guidePhase: 'phase 9',
    why: 'The previous image is kept until the next change succeeds.',
    resources: ({ layout }) => [formerlyKept(layout, [former, present]), nowKept(layout, former)],
  };
}

function formerlyKept(layout: Layout, used: readonly string[]): Resource {
  return {
    kind: 'script',
    id: 'image-before-the-former-one',
    inspect: async (probe) => await removable(probe, layout, keptImage, used),
  };
}

function nowKept(layout: Layout, former: string): Resource {
  return {
    kind: 'script',
    id: 'former-image',
    inspect: async (probe): Promise<ScriptFound> => {
      const [id, kept] = await Promise.all([imageId(probe, layout, former), imageId(probe, layout, keptImage)]);
      if (id === undefined || id === kept) return { status: 'ok', note: keptImage };
      const tag = dockerRun(layout, ['tag', id, keptImage], 'keep the former image to go back to');
      return { status: 'change', summary: `keep ${former} as ${keptImage}`, effects: [tag] };
    },
  };
}

/** It does not matter if it is gone already; if a container or one of `used` uses it, it stays. */
async function removable(
  probe: Probe,
  layout: Layout,
  reference: string,
  used: readonly string[],
): Promise<ScriptFound> {
  const id = await imageId(probe, layout, reference);
  if (id === undefined) return { status: 'ok', note: 'not there' };
  const others = await Promise.all(used.map(async (one) => await imageId(probe, layout, one)));
  if (others.includes(id)) return { status: 'ok', note: 'used elsewhere' };
  const containers = await ask(probe, docker(layout, ['ps', '--all', '--quiet', '--filter', `ancestor=${id}`]));
  if (containers.said !== '') return { status: 'ok', note: 'a container uses it' };
  // By its id and with force, because one image may have a tag and a digest as its names.
  const removal = dockerRun(layout, ['image', 'rm', '--force', id], `remove ${reference}`);
  return { status: 'change', summary: `remove ${reference}`, effects: [removal], destructive: true };
}

async function imageId(probe: Pick<Probe, 'query'>, layout: Layout, reference: string): Promise<string | undefined> {
  const { exists, said } = await ask(probe, imageInspect(layout, reference));
  return exists ? said : undefined;
}

/** Who signs LiteLLM's images since November 2026; the release workflow verifies the same (.github/workflows/release.yml). */
export const signedBy = {
  identity: 'https://github.com/BerriAI/project-releaser/.github/workflows/release.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
} as const;

/** An image's signature, checked with cosign if that is installed; if not, that is said, and the digest alone has to do. */
export function signature(reference: string): Proof<Context> {
  return { name: 'signature', always: true, run: async (probe) => await verify(probe, reference) };
}

async function verify(probe: Pick<Probe, 'query'>, reference: string): Promise<ProofResult> {
  const { identity, issuer } = signedBy;
  const args = ['verify', '--certificate-identity', identity, '--certificate-oidc-issuer', issuer, reference];
  const { exitCode, stderr } = await probe.query({ file: 'cosign', args, timeoutMs: 60_000 });
  if (exitCode === 0) return success({ note: 'valid, by the workflow that makes LiteLLM’s releases' });
  if (exitCode === 127) return success({ note: 'not checked: cosign is not installed' });
  const said = lastLine(stderr);
  return failure({
    code: 'image-signature-wrong',
    problem: `the signature of ${reference} could not be verified: ${said || `cosign ended with exit code ${exitCode}`}`,
    fix: `try it yourself:  cosign ${args.join(' ')}`,
  });
}
