import { createHash } from 'node:crypto';
import { failed, type Machine, type Reply, said } from './program.ts';

/** Repositories of the paper registry, with the tags that it has; any digest of them is taken. */
const registry: Readonly<Record<string, RegExp>> = {
  'hello-world': /^latest$/,
  'ghcr.io/berriai/litellm': /^v1\.108\.\d+$/,
};

function digestOf(repository: string, tag: string): string {
  return `sha256:${createHash('sha256').update(`${repository}:${tag}`).digest('hex')}`;
}

/** What the paper registry says a tag points to; undefined when it has none such. */
export function publishedDigest(repository: string, tag: string): string | undefined {
  return registry[repository]?.test(tag) === true ? digestOf(repository, tag) : undefined;
}

/** `image inspect -f …` */
export function inspectImage(args: readonly string[], { state }: Machine): Reply {
  const [option, format, reference = ''] = args;
  const digest = option === '-f' ? state.images[reference] : undefined;
  if (digest === undefined) return failed(`Error response from daemon: No such image: ${reference}`, 1, '\n');
  return said(format === '{{json .RepoDigests}}' ? JSON.stringify([`${repositoryOf(reference)}@${digest}`]) : digest);
}

function repositoryOf(reference: string): string {
  return reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
}

/** Pulls what the paper registry has. */
export function pull(reference: string, { state }: Machine): Reply {
  const repository = repositoryOf(reference);
  const tag = /:([^:/@]+)(?:@|$)/.exec(reference.slice(repository.length))?.[1] ?? 'latest';
  if (registry[repository]?.test(tag) !== true)
    return failed(`Error response from daemon: manifest unknown: ${reference}`);
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1] ?? digestOf(repository, tag);
  // An engine knows an image by its tag, by its digest, and by both together.
  for (const name of [reference, `${repository}:${tag}`, `${repository}@${digest}`, `${repository}:${tag}@${digest}`])
    state.images[name] = digest;
  return said(reference);
}

/** Runs a container that says hello. */
export function runHello(machine: Machine): Reply {
  const pulled = pull('hello-world', machine);
  return pulled.exitCode === 0 ? said('Hello from Docker!') : pulled;
}

/** Takes away a name, and with it every other name of the same image. */
export function removeImage(reference: string, { state }: Machine): Reply {
  const digest = state.images[reference];
  if (digest === undefined) return failed(`Error response from daemon: No such image: ${reference}`);
  for (const [name, other] of Object.entries(state.images)) if (other === digest) delete state.images[name];
  return said(`Untagged: ${reference}`);
}

/** One line for each image. */
export function repositoriesOf({ state }: Machine): string {
  return [...new Set(Object.keys(state.images).map(repositoryOf))].join('\n');
}
