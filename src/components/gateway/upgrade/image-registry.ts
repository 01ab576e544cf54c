import * as z from 'zod';
import type { HttpReply, Probe } from '../../../host/host.ts';
import { readBody } from '../../../http/reply-body.ts';
import { failure, type Result, success } from '../../../result.ts';

type Http = Pick<Probe, 'http'>;

const manifestKinds = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** What a registry says about a tag: the digest that it points to now; or why that is not known. */
export type PublishedImage = Result<string, string>;

/** Asks a registry what a tag points to, without pulling anything. The name is the registry's host and the path. */
export async function publishedImage(probe: Http, repository: string, tag: string): Promise<PublishedImage> {
  const [host = '', ...path] = repository.split('/');
  const url = `https://${host}/v2/${path.join('/')}/manifests/${tag}`;
  const first = await head(probe, url);
  const challenge = first.reached && first.status === 401 ? first.headers['www-authenticate'] : undefined;
  const reply = challenge === undefined ? first : await head(probe, url, await anonymousToken(probe, challenge));
  if (!reply.reached) return failure(`${host} cannot be reached (${reply.detail})`);
  if (reply.status === 404) return failure(`${host} has no ${path.join('/')}:${tag}`);
  const digest = reply.headers['docker-content-digest'];
  if (reply.status === 200 && digest !== undefined && /^sha256:[0-9a-f]{64}$/.test(digest)) return success(digest);
  return failure(`${host} answers HTTP ${reply.status}`);
}

async function head(probe: Http, url: string, token?: string): Promise<HttpReply> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return await probe.http({ method: 'HEAD', url, headers: { accept: manifestKinds, ...authorization } });
}

const tokenReply = z.object({ token: z.string() });

/** Public images want a token, too; anybody gets one. Source: distribution.github.io, "Token Authentication". */
async function anonymousToken(probe: Http, challenge: string): Promise<string | undefined> {
  const values = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  const { realm, ...query } = values as { realm?: string };
  if (realm === undefined || !realm.startsWith('https://')) return undefined;
  const reply = await probe.http({ url: `${realm}?${new URLSearchParams(query).toString()}` });
  return reply.reached ? readBody(tokenReply, reply.body)?.token : undefined;
}
