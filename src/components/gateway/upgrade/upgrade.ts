import type { PartLook } from '../../../engine/part-decision.ts';
import type { Probe } from '../../../host/host.ts';
import { failure } from '../../../result.ts';
import { gatewayImage, gatewayImageDigest, imageProblem, parseImageReference } from '../image.ts';
import { type Candidate, candidateFor, imageWords, type TestedImage, wantedImage } from './candidate.ts';
import { type PublishedImage, publishedImage } from './image-registry.ts';

/** What this release of the program was tested with. */
export const testedImage: TestedImage = { image: gatewayImage, digest: gatewayImageDigest };

/** Looks whether there is an image to move to: the one that was asked for, else the tested one. */
export async function lookAtGateway(
  probe: Pick<Probe, 'http'>,
  running: string | undefined,
  asked: string | undefined,
): Promise<PartLook<Candidate>> {
  const reference = wantedImage(asked, testedImage);
  const published = await publishedFor(probe, reference);
  const { repository = '', tag = '', digest } = parseImageReference(reference) ?? {};
  const known = digest ?? (published.ok ? published.value : undefined);
  return {
    part: 'gateway',
    runs: running === undefined ? 'not running' : imageWords(running),
    newest: imageWords(known === undefined ? reference : `${repository}:${tag}@${known}`),
    decision: candidateFor({ running, asked, tested: testedImage, published }),
  };
}

async function publishedFor(probe: Pick<Probe, 'http'>, reference: string): Promise<PublishedImage> {
  const { repository, tag } = parseImageReference(reference) ?? {};
  if (repository === undefined || tag === undefined || imageProblem(reference) !== undefined)
    return failure('not asked');
  return await publishedImage(probe, repository, tag);
}
