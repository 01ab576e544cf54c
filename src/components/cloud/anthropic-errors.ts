import type { HttpReply } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { noCloudReply } from '../../http/no-reply.ts';
import { isWebPage, quotable, upstreamError, withStatus } from '../../http/reply-body.ts';
import { type ErrorRow, meaningIn, type Problem } from '../../problem.ts';

const console = 'https://platform.claude.com';
const keysPage = `Create one at ${console}/settings/keys`;

/**
 * Why a text cannot be a key of the Claude API, told before it is sent anywhere; undefined when it may be one.
 * Never repeats any of it.
 */
export function anthropicKeyProblem(key: Secret): Problem | undefined {
  const text = key.reveal();
  if (text.trim() === '')
    return { code: 'key-missing', problem: 'No key was given.', fix: `${keysPage} and paste all of it.` };
  if (!/^[\x21-\x7e]+$/.test(text))
    return {
      code: 'key-malformed',
      problem: 'The key contains a space, a line break or an invalid character.',
      fix: 'Copy it again: one line with nothing around it.',
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
      problem: 'This is an admin key: it manages an organisation and cannot answer questions.',
      fix: `${keysPage}; it begins with sk-ant-api.`,
    };
  return undefined;
}

/** What an unsuccessful reply of the Claude API means. Source: the API's page on errors. */
export function anthropicProblem(reply: HttpReply, baseUrl: string, key: Secret): Problem {
  const { host, hostname } = new URL(baseUrl);
  if (!reply.reached) return noCloudReply(hostname, reply.failure, quotable(reply.detail, [key]));
  const error = upstreamError(reply.body);
  const type = error?.type ?? '';
  const said = quotable(error?.message ?? '', [key]);
  if (reply.status === 407) return proxyProblem('A proxy between here and the internet wants a login', host);
  if (!/_error$|^request_too_large$/.test(type)) return notTheApi(reply, host, said);
  const seen: Seen = {
    status: reply.status,
    said: withStatus(reply.status, said),
    retryAfter: reply.headers['retry-after'],
  };
  return (
    meaningIn(meanings, seen) ?? {
      code: 'cloud-refused-request',
      problem: `The Claude API refused the request: ${seen.said}.`,
      fix: 'Run the newest version of this program, then try again.',
    }
  );
}

interface Seen {
  readonly status: number;
  /** The status and the API's own words. */
  readonly said: string;
  readonly retryAfter: string | undefined;
}

const again = 'Try again in a minute; see https://status.claude.com';

const meanings: readonly ErrorRow<Seen>[] = [
  {
    when: ({ status, said }) => status === 402 || /credit balance|billing|payment/i.test(said),
    code: 'cloud-cannot-be-paid',
    problem: ({ said }) => `The key is right, but the account cannot pay: ${said}.`,
    fix: `Buy credit or fix the payment at ${console}/settings/billing, then try again.`,
  },
  {
    when: ({ said }) => /usage limit|spend limit|spending limit/i.test(said),
    code: 'cloud-cannot-be-paid',
    problem: ({ said }) => `The key is right, but the account has reached its spending limit: ${said}.`,
    fix: `Raise the limit at ${console}/settings/limits, or wait until it is lifted.`,
  },
  {
    when: ({ status }) => status === 401,
    code: 'cloud-key-refused',
    problem: 'The Claude API does not know this key.',
    fix: `Copy all of it again. ${keysPage} if it was deleted or disabled.`,
  },
  {
    when: ({ status }) => status === 403,
    code: 'cloud-permission-missing',
    problem: ({ said }) => `The key is known, but it may not do this: ${said}.`,
    fix: `Check the key's workspace and permissions at ${console}/settings/keys; the API also refuses some countries.`,
  },
  {
    when: ({ status }) => status === 404,
    code: 'cloud-model-missing',
    problem: ({ said }) => `The Claude API does not have what was asked for: ${said}.`,
    fix: 'List the models again and choose one of them.',
  },
  {
    when: ({ status }) => status === 413,
    code: 'request-too-large',
    problem: 'The request is larger than the Claude API accepts.',
    fix: 'Shorten the conversation: /compact or /clear.',
  },
  {
    when: ({ status }) => status === 429,
    code: 'cloud-rate-limit',
    problem: ({ said }) => `The account has reached a limit of the Claude API: ${said}.`,
    fix: ({ retryAfter = '' }) =>
      /^\d+$/.test(retryAfter)
        ? `Wait ${retryAfter} s and try again.`
        : `Wait a minute and try again; limits are shown at ${console}/settings/limits`,
  },
  {
    when: ({ status }) => status === 529,
    code: 'cloud-fault',
    problem: 'The Claude API is overloaded at the moment. The key is not the reason.',
    fix: again,
  },
  {
    when: ({ status }) => status >= 500,
    code: 'cloud-fault',
    problem: ({ said }) => `The Claude API has an internal error: ${said}.`,
    fix: again,
  },
];

function notTheApi(reply: HttpReply & { reached: true }, host: string, said: string): Problem {
  if (isWebPage(reply.body))
    return proxyProblem(`A web page, not the Claude API, answers for ${host} (status ${reply.status})`, host);
  if (reply.status >= 300 && reply.status < 400)
    return proxyProblem(`${host} redirects elsewhere (status ${reply.status})`, host);
  if (reply.status >= 500)
    return {
      code: 'cloud-fault',
      problem: `${host} has an internal error: ${withStatus(reply.status, said)}.`,
      fix: again,
    };
  return proxyProblem(`What answers for ${host} is not the Claude API: ${withStatus(reply.status, said)}`, host);
}

function proxyProblem(what: string, host: string): Problem {
  return {
    code: 'proxy-between',
    problem: `${what}: there is a proxy or a login page in between.`,
    fix: `Log in to that network or let this machine reach ${host} directly; this shows who answers: curl -sSI https://${host}/v1/models`,
  };
}
