import * as z from 'zod';
import { foundryBaseUrl } from '../../config/foundry-resource.ts';
import type { HttpReply, Probe } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { noCloudReply } from '../../http/no-reply.ts';
import { isWebPage, quotable, readBody, type UpstreamError, upstreamError, withStatus } from '../../http/reply-body.ts';
import { failure, type Problem, type Result, success } from '../../problem.ts';
import { anthropicVersion } from './anthropic.ts';

/** A deployment that answered. */
export interface DeploymentFound {
  readonly deployment: string;
  /** The model that the reply names; often the deployment's own name. */
  readonly model: string;
  readonly ms: number;
}

const timeoutMs = 30_000;
const dialTimeoutMs = 10_000;
const answer = z.object({ type: z.literal('message'), model: z.string().min(1) });

/** Asks a deployment for one token, which proves resource, key and deployment at once and costs next to nothing. */
export async function probeDeployment(
  probe: Pick<Probe, 'http'>,
  resource: string,
  deployment: string,
  key: Secret,
  baseUrl = foundryBaseUrl(resource),
): Promise<Result<DeploymentFound>> {
  const reply = await probe.http({
    method: 'POST',
    url: `${baseUrl}/v1/messages`,
    headers: { 'x-api-key': key, 'anthropic-version': anthropicVersion },
    json: { model: deployment, max_tokens: 1, messages: [{ role: 'user', content: '.' }] },
    timeoutMs,
  });
  const read = reply.reached && reply.status === 200 ? readBody(answer, reply.body) : undefined;
  if (read !== undefined) return success({ deployment, model: read.model, ms: reply.ms });
  return failure(foundryProblem(reply, { resource, deployment, key, baseUrl }));
}

/** Why nothing answers for a resource at all, before its key and its deployments are known; undefined when something does. */
export async function dialResource(
  probe: Pick<Probe, 'http'>,
  resource: string,
  baseUrl = foundryBaseUrl(resource),
): Promise<Problem | undefined> {
  const reply = await probe.http({ url: `${baseUrl}/v1/models`, timeoutMs: dialTimeoutMs });
  return reply.reached ? undefined : noReply(reply, { resource, baseUrl });
}

interface Asked {
  readonly resource: string;
  readonly deployment: string;
  readonly key: Secret;
  readonly baseUrl: string;
}

/** What a reply that is not an answer means. Source: Microsoft's and Anthropic's pages on Claude in Foundry. */
function foundryProblem(reply: HttpReply, asked: Asked): Problem {
  if (!reply.reached) return noReply(reply, asked);
  const error = upstreamError(reply.body);
  if (error === undefined) return notFoundry(reply, asked);
  return byMeaning(reply, error, asked) ?? byStatus(reply, error, asked);
}

function noReply(
  reply: HttpReply & { reached: false },
  { resource, key, baseUrl }: Pick<Asked, 'resource' | 'baseUrl'> & Partial<Asked>,
): Problem {
  const { hostname } = new URL(baseUrl);
  if (reply.failure !== 'name-not-found') return noCloudReply(hostname, reply.failure, quotable(reply.detail, [key]));
  return {
    code: 'foundry-resource-missing',
    problem: `There is no ${hostname}: no Foundry resource is called ${resource}, or this machine has no working DNS.`,
    fix: `Copy the resource's name from the portal (the first part of its Target URI). If it is right, this must print an address: getent hosts ${hostname}`,
  };
}

/** A status number in the body says less than its words. */
function byMeaning(reply: HttpReply & { reached: true }, error: UpstreamError, asked: Asked): Problem | undefined {
  const { resource, deployment } = asked;
  const text = `${error.code ?? ''} ${error.type ?? ''} ${error.message}`;
  if (
    /DeploymentNotFound|deployment .*does not exist/i.test(text) ||
    (reply.status === 404 && error.type === 'not_found_error')
  )
    return {
      code: 'foundry-deployment-missing',
      problem: `The resource ${resource} has no deployment called ${deployment}.`,
      fix: 'Copy the deployment name from the portal (Build > Models). A new one takes up to five minutes.',
    };
  if (/virtual network|firewall|public (network )?access/i.test(text))
    return {
      code: 'foundry-network-closed',
      problem: `The resource ${resource} does not accept connections from this network.`,
      fix: "In the Azure portal, under the resource's Networking, allow this network, then try again.",
    };
  if (/api_not_supported|OperationNotSupported|unknown_model|not support/i.test(text))
    return {
      code: 'foundry-not-claude',
      problem: `The deployment ${deployment} does not accept Claude's Messages API: ${quoted(reply.status, error, asked)}.`,
      fix: 'Name a deployment of a Claude model; other models have a different interface.',
    };
  return undefined;
}

function byStatus(reply: HttpReply & { reached: true }, error: UpstreamError, asked: Asked): Problem {
  const { resource, deployment } = asked;
  const said = quoted(reply.status, error, asked);
  switch (reply.status) {
    case 401:
      return {
        code: 'cloud-key-refused',
        problem: `The resource ${resource} does not accept this key.`,
        fix: "Copy the key again from the deployment's Details tab; each resource has its own keys.",
      };
    case 403:
      return {
        code: 'cloud-permission-missing',
        problem: `The key is known, but it may not use ${deployment}: ${said}.`,
        fix: 'In the Azure portal give the account the role "Foundry User" or "Cognitive Services User" on this resource.',
      };
    case 404:
      return {
        code: 'foundry-not-claude',
        problem: `The resource ${resource} has no Claude endpoint: ${said}.`,
        fix: `Check in the portal that the Target URI of ${deployment} begins with ${asked.baseUrl}.`,
      };
    case 429:
      return {
        code: 'cloud-rate-limit',
        problem: `Resource, key and deployment are right, but ${deployment} has no quota left at the moment: ${said}.`,
        fix: `Wait a minute and try again, or raise the quota of ${deployment} in the portal.`,
      };
    default:
      return otherStatus(reply.status, said, asked);
  }
}

function otherStatus(status: number, said: string, { resource, deployment }: Asked): Problem {
  if (status >= 500)
    return {
      code: 'cloud-fault',
      problem: `Foundry has an internal error: ${said}.`,
      fix: 'Try again in a minute; see https://azure.status.microsoft',
    };
  return {
    code: 'cloud-refused-request',
    problem: `The deployment ${deployment} of ${resource} refused a one-word question: ${said}.`,
    fix: `Try ${deployment} in the portal's playground; it must be a deployed Claude model of an eligible subscription.`,
  };
}

function notFoundry({ status, body }: HttpReply & { reached: true }, { baseUrl }: Asked): Problem {
  const { host } = new URL(baseUrl);
  const what = isWebPage(body) ? 'a web page' : 'something that is not the Messages API';
  return {
    code: 'proxy-between',
    problem: `${host} answers with status ${status} and ${what}.`,
    fix: `Check the resource name, and that there is no proxy in between; this shows who answers: curl -sSI https://${host}`,
  };
}

function quoted(status: number, error: UpstreamError, { key }: Asked): string {
  return withStatus(status, quotable(error.message, [key]));
}
