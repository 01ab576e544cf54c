import { compareVersions } from '../../config/version.ts';
import type { Problem } from '../../problem.ts';
import { given } from '../../text/json.ts';

/** The parts of a container image's name. */
export interface ImageReference {
  /** Registry and path, without tag and digest. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest?: string;
}

/** The gateway image that this release was tested with. */
export const gatewayImage = 'ghcr.io/berriai/litellm:v1.108.14';

/** The digest of `gatewayImage`. While it is undefined, the one that the first pull gave is pinned. */
export const gatewayImageDigest: string | undefined = undefined;

/** Oldest version that does what the configuration relies on and was published after the October 2026 compromise was closed. */
const oldestGatewayVersion = '1.108.10';

/** Versions that must never run, with the reason (github.com/BerriAI/litellm, discussion 48242, and PYSEC-2026-2). */
const refusedVersions: Readonly<Record<string, string>> = {
  '1.107.0': 'was published with malicious code on every channel, validly signed',
  '1.82.7': 'was published with malicious code on PyPI',
  '1.82.8': 'was published with malicious code on PyPI',
};

// As the engine reads a reference (github.com/distribution/reference): a first part without a dot or port is no registry to it.
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const registry =
  '(?:localhost|(?=[a-z0-9.-]*[.:])[a-z0-9]+(?:-+[a-z0-9]+)*(?:\\.[a-z0-9]+(?:-+[a-z0-9]+)*)*)(?::[1-9]\\d{0,4})?';
const referencePattern = new RegExp(
  `^(?<repository>${registry}(?:/${part})+)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
);
const longestReference = 400;
const versionPattern = /^v?(\d+)\.(\d+)\.(\d+)$/;

/** Splits a reference; undefined if it is not one. The registry must be named: short names mean different things on different hosts. */
export function parseImageReference(reference: string): ImageReference | undefined {
  if (reference.length > longestReference) return undefined;
  const { repository, tag, digest } = referencePattern.exec(reference)?.groups ?? {};
  if (repository === undefined || repository.length > 255) return undefined;
  return { repository, ...given({ tag, digest }) };
}

/** The reference with this digest instead of its own. Throws when it is no reference. */
export function withDigest(reference: string, digest: string): string {
  const parts = parseImageReference(reference);
  if (parts === undefined) throw new Error(`not an image reference: ${reference}`);
  return `${parts.repository}${parts.tag === undefined ? '' : `:${parts.tag}`}@${digest}`;
}

/** Why this image must not become the gateway; undefined when nothing speaks against it. */
export function imageProblem(reference: string): Problem | undefined {
  const parts = parseImageReference(reference);
  if (parts === undefined) return problem(`${reference} is not an image reference with its registry`);
  if (parts.tag === undefined) return problem(`${reference} does not name its version`);
  const version = versionPattern.exec(parts.tag);
  if (version === null) return problem(`${parts.tag} is not a released version: such a tag can move or is a preview`);
  const plain = version.slice(1).join('.');
  const refused = refusedVersions[plain];
  if (refused !== undefined) return problem(`LiteLLM ${plain} ${refused}`);
  if (compareVersions(plain, oldestGatewayVersion) >= 0) return undefined;
  return problem(`LiteLLM ${plain} is older than ${oldestGatewayVersion}, the oldest version that works here`);
}

function problem(text: string): Problem {
  return {
    code: 'image-refused',
    problem: text,
    fix: `use ${gatewayImage}, or a newer version of it with its number as the tag`,
  };
}
