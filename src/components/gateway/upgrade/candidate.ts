import * as z from 'zod';
import { compareVersions, versionIn } from '../../../config/version.ts';
import type { Decision, PartLook } from '../../../engine/part-decision.ts';
import type { HttpReply, Probe } from '../../../host/host.ts';
import { noCloudReply, uselessReply } from '../../../http/no-reply.ts';
import { readBody } from '../../../http/reply-body.ts';
import { failure, type Problem, type Result, success } from '../../../problem.ts';
import { shellWord } from '../../../shell/word.ts';
import { gatewayImage, gatewayImageDigest, imageProblem, parseImageReference, withDigest } from '../image.ts';

/** The image that this release was tested with. */
interface TestedImage {
  readonly image: string;
  /** Undefined while the release has none built in. */
  readonly digest: string | undefined;
}

/** What decides which image the gateway should move to. */
export interface ImageFacts {
  /** What the container is made of; undefined without a container. */
  readonly running: string | undefined;
  /** From the command line. */
  readonly asked: string | undefined;
  readonly tested: TestedImage;
  /** What the wanted tag points to now. */
  readonly published: PublishedImage;
}

/** An image that may become the gateway. */
export interface Candidate {
  readonly reference: string;
  /** The digest that it must have once it is pulled. */
  readonly digest: string;
}

/** What the gateway should run, before anybody asked what the registry has. */
export function wantedImage(asked: string | undefined, { image, digest }: TestedImage): string {
  if (asked !== undefined) return asked;
  return digest === undefined ? image : withDigest(image, digest);
}

/** Whether there is an image to move to. A tag that was moved is never followed unless its digest is named. */
export function candidateFor({ running, asked, tested, published }: ImageFacts): Decision<Candidate> {
  const reference = wantedImage(asked, tested);
  const refused = imageProblem(reference);
  if (refused !== undefined) return { status: 'stuck', ...refused };
  if (running === undefined) return { status: 'stuck', ...nothingRuns };
  const to = parseImageReference(reference);
  const from = parseImageReference(running);
  if (asked === undefined && isNewer(from?.tag, to?.tag)) {
    return { status: 'current', note: `newer than ${to?.tag}, which this release was tested with` };
  }
  const digest = to?.digest ?? (published.ok ? published.value : undefined);
  const moved = published.ok && to?.digest !== undefined && published.value !== to.digest;
  const warning = moved ? { warning: movedTag(reference, published.value, to.digest) } : {};
  if (from?.tag === to?.tag) return sameVersion(reference, from?.digest, { digest, named: to?.digest, warning });
  if (digest === undefined) return { status: 'stuck', ...(published.ok ? noUsefulAnswer : published.problem) };
  return { status: 'pending', target: { reference, digest }, does: moves, ...warning };
}

const moves = 'try it alongside the running one, then switch over';

interface Digests {
  readonly digest: string | undefined;
  /** The digest that was asked for or is built in. */
  readonly named: string | undefined;
  readonly warning: { readonly warning?: Problem };
}

function sameVersion(reference: string, runs: string | undefined, to: Digests): Decision<Candidate> {
  const { digest, named, warning } = to;
  if (digest === undefined) return { status: 'current', note: 'its registry could not be asked', ...warning };
  if (runs === undefined)
    return { status: 'current', note: 'it was loaded from a file, so it has no digest', ...warning };
  if (runs === digest) return { status: 'current', note: 'nothing to do', ...warning };
  if (named !== undefined) return { status: 'pending', target: { reference, digest }, does: moves, ...warning };
  return { status: 'stuck', ...movedTag(reference, digest, runs) };
}

function isNewer(tag: string | undefined, than: string | undefined): boolean {
  const [left, right] = [versionIn(tag ?? ''), versionIn(than ?? '')];
  return left !== undefined && right !== undefined && compareVersions(left, right) > 0;
}

const noUsefulAnswer: Problem = {
  code: 'download-unreachable',
  problem: 'the registry gives no useful answer',
  fix: 'see it:  curl -sSI https://ghcr.io  and try again later',
};

const nothingRuns: Problem = {
  code: 'gateway-not-running',
  problem: 'there is no gateway here to start from',
  fix: 'bring it up first:  claude-routing-install',
};

function movedTag(reference: string, now: string, known: string): Problem {
  const { repository = '', tag = '' } = parseImageReference(reference) ?? {};
  return {
    code: 'image-digest-wrong',
    problem: `${repository}:${tag} was published again: it now points to ${shortDigest(now)}, and the one known here is ${shortDigest(known)}. A release should not change, so this one is not used`,
    fix: `read why at github.com/BerriAI/litellm/releases; to move to it anyway:  claude-routing-install update gateway --image ${shellWord(`${repository}:${tag}@${now}`)}`,
  };
}

/** Enough of a digest to compare it by eye. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, 'sha256:'.length + 12)}…`;
}

/** An image in a few words: `v1.108.14 (sha256:26236070b757…)`. */
export function imageWords(reference: string): string {
  const { tag = reference, digest } = parseImageReference(reference) ?? {};
  return digest === undefined ? tag : `${tag} (${shortDigest(digest)})`;
}

/** What the answers must say so that the next install keeps this image; undefined if it is the one that this release was tested with. */
export function answeredImage(reference: string, tested: TestedImage): string | undefined {
  const [own, known] = [parseImageReference(reference), parseImageReference(tested.image)];
  const same = own?.repository === known?.repository && own?.tag === known?.tag;
  return same && (tested.digest === undefined || own?.digest === tested.digest) ? undefined : reference;
}

/** What the answers must say after going back: nothing that would bring the failed image again. */
export function answersAfterReturn(
  before: string | undefined,
  running: string,
  tested: TestedImage,
): string | undefined {
  return before ?? answeredImage(running, tested);
}

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
    return failure(noUsefulAnswer);
  return await publishedImage(probe, repository, tag);
}

type Http = Pick<Probe, 'http'>;

const manifestKinds = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** What a registry says about a tag: the digest that it points to now; or why that is not known. */
type PublishedImage = Result<string>;

/** Asks a registry what a tag points to, without pulling anything. The name is the registry's host and the path. */
export async function publishedImage(probe: Http, repository: string, tag: string): Promise<PublishedImage> {
  const [host = '', ...path] = repository.split('/');
  const url = `https://${host}/v2/${path.join('/')}/manifests/${tag}`;
  const first = await head(probe, url);
  const challenge = first.reached && first.status === 401 ? first.headers['www-authenticate'] : undefined;
  const reply = challenge === undefined ? first : await head(probe, url, await anonymousToken(probe, challenge));
  if (!reply.reached) return failure(noCloudReply(host, reply.failure, reply.detail));
  if (reply.status === 404) return failure(uselessReply(host, `has no ${path.join('/')}:${tag}`));
  const digest = reply.headers['docker-content-digest'];
  if (reply.status === 200 && digest !== undefined && /^sha256:[0-9a-f]{64}$/.test(digest)) return success(digest);
  return failure(uselessReply(host, `answers HTTP ${reply.status}`));
}

async function head(probe: Http, url: string, token?: string): Promise<HttpReply> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return await probe.http({ method: 'HEAD', url, headers: { accept: manifestKinds, ...authorization } });
}

const tokenReply = z.object({ token: z.string() });

/** Even public images need a token, which anybody gets. Source: distribution.github.io, "Token Authentication". */
async function anonymousToken(probe: Http, challenge: string): Promise<string | undefined> {
  const values = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  const { realm, ...query } = values as { realm?: string };
  if (realm === undefined || !realm.startsWith('https://')) return undefined;
  const reply = await probe.http({ url: `${realm}?${new URLSearchParams(query).toString()}` });
  return reply.reached ? readBody(tokenReply, reply.body)?.token : undefined;
}
