import table from '../../../templates/gateway/overflow_words.py?raw';
import { defaultLocalPort } from '../../config/address.ts';
import type { HttpFailure, HttpReply } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { portOf, setClock } from '../../http/no-reply.ts';
import { isWebPage, quotable, type UpstreamError, upstreamError } from '../../http/reply-body.ts';
import { type ErrorRow, meaningIn, type Problem } from '../../problem.ts';
import { type KindWords, kindWords, type ServerKind, usualKindAt, usualPortWords } from './server-kinds.ts';
import { comfortableWindow } from './server-limits.ts';

/** LM Studio says this with status 200 for every path that it does not know. */
const unknownPath = /unexpected endpoint or method/i;
const systemTurn =
  /system message must be at the beginning|invalid discriminator value|roles must alternate|role.{0,20}system/i;

/** True when a body is LM Studio's way of saying that it has no such path. */
export function isUnknownPath(body: string): boolean {
  return unknownPath.test(upstreamError(body)?.message ?? '');
}

/**
 * What an unexpected reply means, in words. `aim` completes "could not …", e.g. "load a model"; `kind` is
 * undefined while it is not known what answers.
 */
export function localProblem(
  reply: HttpReply,
  address: string,
  aim: string,
  token: Secret | undefined,
  kind: ServerKind | undefined,
): Problem {
  const words = kind === undefined ? unknownKind : kindWords[kind];
  if (!reply.reached) return unanswered(reply, address, aim, words);
  const error = upstreamError(reply.body) ?? { message: '', type: undefined, code: undefined };
  const { status } = reply;
  const seen = {
    status,
    ...error,
    tokenSent: token !== undefined,
    address,
    aim,
    said: saidBy(reply, error, token),
    words,
    kind,
  };
  return meaningIn(meanings, seen) ?? fault(seen);
}

/** A server that was reached before and stays silent now is busy, not off. */
function unanswered(
  reply: HttpReply & { reached: false },
  address: string,
  aim: string,
  { server, log }: KindWords,
): Problem {
  const seconds = Math.max(1, Math.round(reply.ms / 1000));
  if (reply.failure !== 'timeout') return noLocalReply(address, reply.failure, seconds);
  return {
    code: 'timed-out',
    problem: `The server at ${address} did not ${aim} within ${seconds} s.`,
    fix: `Load the model first, see in ${log} whether ${server} is busy, then try again.`,
  };
}

function saidBy(reply: HttpReply & { reached: true }, error: UpstreamError, token: Secret | undefined): string {
  if (error.message !== '') return `status ${reply.status}, "${quotable(error.message, [token])}"`;
  if (isWebPage(reply.body)) return `status ${reply.status} and a web page`;
  return `status ${reply.status} and ${reply.body.trim() === '' ? 'nothing else' : 'something that is not an answer'}`;
}

interface Seen extends UpstreamError {
  readonly status: number;
  readonly tokenSent: boolean;
  readonly address: string;
  readonly aim: string;
  /** The server's own words, masked. */
  readonly said: string;
  readonly words: KindWords;
  readonly kind: ServerKind | undefined;
}

const unknownKind: KindWords = {
  ...kindWords['openai-compatible'],
  token: `${kindWords['lm-studio'].token} With llama.cpp and vLLM it is what --api-key says.`,
};

const meanings: readonly ErrorRow<Seen>[] = [
  {
    when: (seen) => wantsToken(seen) && !seen.tokenSent,
    code: 'local-token-missing',
    problem: ({ address }) => `The server at ${address} wants an API token.`,
    fix: ({ words }) => words.token,
  },
  {
    when: wantsToken,
    code: 'local-token-refused',
    problem: ({ address }) => `The server at ${address} does not accept this API token.`,
    fix: ({ words }) => `Copy the token again, whole and without spaces. ${words.token}`,
  },
  {
    when: ({ status, type, message }) =>
      status === 403 || /permission|not allowed for this token/i.test(`${type} ${message}`),
    code: 'local-token-too-weak',
    problem: ({ aim, address }) => `The API token may not ${aim} at ${address}.`,
    fix: ({ words }) => `Give the token that permission, or do it by hand there. ${words.token}`,
  },
  {
    when: ({ type, message }) => tellsOverflow(`${type} ${message}`),
    code: 'context-window-small',
    problem: ({ address, said }) => `The model at ${address} is loaded with too small a context window: ${said}.`,
    fix: ({ words }) => words.widen('at least 65,536 tokens'),
  },
  {
    when: ({ message }) => /no models? (is |are )?loaded/i.test(message),
    code: 'local-model-not-loaded',
    problem: ({ address }) => `No model is loaded at ${address}.`,
    fix: ({ words }) => `On its machine: ${words.load('MODEL', comfortableWindow)}`,
  },
  {
    when: ({ message }) => systemTurn.test(message),
    code: 'system-message-refused',
    problem: ({ address, said }) =>
      `The model's chat template at ${address} refuses a system message after the first turn: ${said}.`,
    fix: 'The gateway merges such messages for the local model; there is nothing to do as long as requests go through it.',
  },
  {
    when: ({ message }) =>
      /out of memory|insufficient (system )?(memory|resources)|not enough (memory|resources)|guardrail/i.test(message),
    code: 'local-memory-short',
    problem: ({ address, aim, said }) => `The machine at ${address} does not have enough memory to ${aim}: ${said}.`,
    fix: 'Unload other models there, choose a smaller one, or a smaller context length (at least 32,768).',
  },
  {
    when: ({ message }) =>
      /model.{0,80}(not found|does not exist|not exist|unknown)|invalid model|(cannot|could not) find model/i.test(
        message,
      ),
    code: 'local-model-missing',
    problem: ({ address, said }) => `The server at ${address} does not have this model: ${said}.`,
    fix: 'List the models again and choose one of them.',
  },
  {
    when: ({ status, message }) => status === 404 || status === 405 || unknownPath.test(message),
    code: 'local-server-too-old',
    problem: ({ aim, address }) => `The server at ${address} is too old to ${aim}: it has no such endpoint.`,
    fix: ({ words }) => words.newer,
  },
];

function wantsToken({ status, code, message }: Seen): boolean {
  return status === 401 || /invalid_api_key|api token is required/i.test(`${code} ${message}`);
}

function fault({ address, aim, said, words }: Seen): Problem {
  return {
    code: 'local-server-fault',
    problem: `The server at ${address} could not ${aim}: ${said}.`,
    fix: `Look at ${words.log}, then try again.`,
  };
}

/** The gateway's own table, so that each wording is in one place only. Python marks a group's name with a P. */
const wordings = [...table.matchAll(/^ {4}r"(.*)",$/gm)].map(
  ([, wording = '']) => new RegExp(wording.replaceAll('(?P<', '(?<'), 'i'),
);

/** Whether a local server says with this text that a prompt does not fit. */
export function tellsOverflow(text: string): boolean {
  return wordings.some((wording) => wording.test(text)) || messagesApi.test(text);
}

/** The words of the Messages API, which some local servers use, too. */
const messagesApi = /prompt is too long/i;

/** Why nothing came back from a model server on the local network, and what to do on which machine. */
export function noLocalReply(address: string, failure: HttpFailure, seconds: number): Problem {
  const { hostname: host } = new URL(address);
  const port = portOf(address);
  switch (failure) {
    case 'refused':
      return {
        code: 'connection-refused',
        problem: `${host} is there, but nothing listens on its port ${port}.`,
        fix: startAt(host, port),
      };
    case 'timeout':
      return {
        code: 'timed-out',
        problem: `${host} did not answer on port ${port} within ${seconds} s: it is off, asleep, or a firewall drops the connection.`,
        fix: `Wake ${host} and let TCP port ${port} through its firewall; this shows from here whether it is up: ping -c 1 ${host}`,
      };
    case 'name-not-found':
      return {
        code: 'name-not-found',
        problem: `No machine called ${host} is known here.`,
        fix: 'Type its IPv4 address instead, e.g. 192.168.1.20; that machine shows it with  ip -4 address  or  ipconfig',
      };
    case 'unreachable':
      return {
        code: 'host-unreachable',
        problem: `No machine answers to ${host}: it is off, it has another address, or there is no route to it from here.`,
        fix: "Wake it, or type the address that it has now. This host's own networks: ip -4 route",
      };
    case 'tls':
      return tlsProblem(address, host, port);
    case 'clock':
      return {
        code: 'clock-wrong',
        problem: `The certificate of ${host}, port ${port}, is valid at another time than the clock of this machine shows.`,
        fix: setClock,
      };
    case 'not-http':
      return {
        code: 'not-a-model-server',
        problem: `Something listens on port ${port} of ${host}, but it does not speak HTTP.`,
        fix: `Type the port of the model server on ${host}. The usual ones: ${usualPortWords}.`,
      };
    case 'broken':
      return {
        code: 'connection-cut',
        problem: `${host} accepted the connection on port ${port} and dropped it before the answer was complete.`,
        fix: `Stop and start the model server on ${host}, then try ${host}:${port} again.`,
      };
  }
}

function tlsProblem(address: string, host: string, port: string): Problem {
  if (address.startsWith('http:'))
    return {
      code: 'https-wanted',
      problem: `Port ${port} of ${host} wants https.`,
      fix: `Type https://${host}:${port}`,
    };
  return {
    code: 'certificate-untrusted',
    problem: `No trusted https connection to ${host}, port ${port}: its certificate is not trusted here, or it speaks plain http.`,
    fix: `Model servers speak plain http by themselves: type http://${host}:${port === '443' ? defaultLocalPort : port}`,
  };
}

/** In the words of the server that usually listens there: nothing has answered that could say what it is. */
function startAt(host: string, port: string): string {
  const kind = usualKindAt(port);
  if (kind === undefined) return `On ${host} start the model server; it has to listen on 0.0.0.0, port ${port}.`;
  return `On ${host} start the model server so that other machines reach it: ${kindWords[kind].serve(port)}`;
}
