import type { HttpReply } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { noCloudReply } from '../../http/no-reply.ts';
import { isWebPage, quotable, upstreamError } from '../../http/reply-body.ts';
import type { Problem } from '../../problem.ts';

const console = 'https://platform.claude.com';
const keysPage = `Create one at ${console}/settings/keys`;

/**
 * Why a text cannot be a key of the Claude API, told before it is sent anywhere; undefined when it may be one.
 * Never repeats any of it.
 */
export function anthropicKeyProblem(key: Secret): Problem | undefined {
  const text = key.reveal();
  if (text.trim() === '')
    return {
      code: 'key-missing',
      problem: 'No key was given.',
      fix: `${keysPage} and give it whole.`,
    };
  if (!/^[\x21-\x7e]+$/.test(text))
    return {
      code: 'key-malformed',
      problem: 'The key has a space, a line break or a foreign character in it.',
      fix: 'Copy it again, one line and nothing around it.',
    };
  if (text.startsWith('sk-ant-oat') || text.startsWith('sk-ant-ort'))
    return {
      code: 'key-of-another-kind',
      problem: 'This is the login of a Claude subscription. It must not be used through a gateway.',
      fix: `${keysPage}; it begins with sk-ant-api.`,
    };
  if (text.startsWith('sk-ant-admin'))
    return {
      code: 'key-of-another-kind',
      problem: 'This is an admin key: it manages an organisation and answers no questions.',
      fix: `${keysPage}; it begins with sk-ant-api.`,
    };
  return undefined;
}

/** What a reply of the Claude API that is not the wished-for one means. Source: the API's page on errors. */
export function anthropicProblem(reply: HttpReply, baseUrl: string, key: Secret): Problem {
  const { host, hostname } = new URL(baseUrl);
  if (!reply.reached) return noCloudReply(hostname, reply.failure, quotable(reply.detail, [key]));
  const error = upstreamError(reply.body);
  const type = error?.type ?? '';
  const said = quotable(error?.message ?? '', [key]);
  if (reply.status === 407) return proxyProblem('A proxy between here and the internet wants a login', host);
  if (!/_error$|^request_too_large$/.test(type)) return notTheApi(reply, host, said);
  return byMeaning(reply.status, said) ?? byStatus(reply, said);
}

/** Meanings that come with several statuses. */
function byMeaning(status: number, said: string): Problem | undefined {
  if (status === 402 || /credit balance|billing|payment/i.test(said))
    return {
      code: 'cloud-cannot-be-paid',
      problem: `The key is right, but the account cannot pay: ${quoted(status, said)}.`,
      fix: `Buy credit or fix the payment at ${console}/settings/billing, then try again.`,
    };
  if (/usage limit|spend limit|spending limit/i.test(said))
    return {
      code: 'cloud-cannot-be-paid',
      problem: `The key is right, but the account has reached its spending limit: ${quoted(status, said)}.`,
      fix: `Raise the limit at ${console}/settings/limits, or wait until it is lifted.`,
    };
  return undefined;
}

function byStatus(reply: HttpReply & { reached: true }, said: string): Problem {
  const { status } = reply;
  if (status === 401)
    return {
      code: 'cloud-key-refused',
      problem: 'The Claude API does not know this key.',
      fix: `Copy it again, whole. ${keysPage} if it was deleted or disabled.`,
    };
  if (status === 403)
    return {
      code: 'cloud-permission-missing',
      problem: `The key is known, but it may not do this: ${quoted(status, said)}.`,
      fix: `Check the key's workspace and permissions at ${console}/settings/keys; the API also refuses some countries.`,
    };
  if (status === 404)
    return {
      code: 'cloud-model-missing',
      problem: `The Claude API does not have what was asked for: ${quoted(status, said)}.`,
      fix: 'List the models again and choose one of them.',
    };
  if (status === 413)
    return {
      code: 'request-too-large',
      problem: 'The request is larger than the Claude API takes.',
      fix: 'Shorten the conversation: /compact or /clear.',
    };
  if (status === 429) return tooMany(reply, said);
  if (status === 529)
    return {
      code: 'cloud-fault',
      problem: 'The Claude API is overloaded at the moment. The key was not the reason.',
      fix: 'Try again in a minute; https://status.claude.com tells more.',
    };
  if (status >= 500)
    return {
      code: 'cloud-fault',
      problem: `The Claude API has a fault of its own: ${quoted(status, said)}.`,
      fix: 'Try again in a minute; https://status.claude.com tells more.',
    };
  return {
    code: 'cloud-refused-request',
    problem: `The Claude API refused the request: ${quoted(status, said)}.`,
    fix: 'Run the newest version of this program, then try again.',
  };
}

function tooMany(reply: HttpReply & { reached: true }, said: string): Problem {
  const seconds = /^\d+$/.exec(reply.headers['retry-after'] ?? '')?.[0];
  return {
    code: 'cloud-rate-limit',
    problem: `The account has reached a limit of the Claude API: ${quoted(reply.status, said)}.`,
    fix:
      seconds === undefined
        ? `Wait a minute and try again; limits stand at ${console}/settings/limits`
        : `Wait ${seconds} s and try again.`,
  };
}

function notTheApi(reply: HttpReply & { reached: true }, host: string, said: string): Problem {
  if (isWebPage(reply.body))
    return proxyProblem(`Not the Claude API but a web page answers for ${host} (status ${reply.status})`, host);
  if (reply.status >= 300 && reply.status < 400)
    return proxyProblem(`${host} sends us elsewhere (status ${reply.status})`, host);
  if (reply.status >= 500)
    return {
      code: 'cloud-fault',
      problem: `${host} has a fault of its own: ${quoted(reply.status, said)}.`,
      fix: 'Try again in a minute; https://status.claude.com tells more.',
    };
  return proxyProblem(`What answers for ${host} is not the Claude API: ${quoted(reply.status, said)}`, host);
}

function proxyProblem(what: string, host: string): Problem {
  return {
    code: 'proxy-between',
    problem: `${what}: a proxy or a login page stands between.`,
    fix: `Log in to that network or let this machine reach ${host} directly; this shows who answers: curl -sSI https://${host}/v1/models`,
  };
}

function quoted(status: number, said: string): string {
  return said === '' ? `status ${status}` : `status ${status}, "${said}"`;
}
