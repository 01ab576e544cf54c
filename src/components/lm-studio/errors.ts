import type { HttpReply } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { noLocalReply } from '../../http/no-reply.ts';
import { isWebPage, quotable, type UpstreamError, upstreamError } from '../../http/reply-body.ts';
import type { Problem } from '../../problem.ts';
import { tellsOverflow } from './overflow-words.ts';

/** What kind of trouble a local server is in; `token` means that authentication is on. */
export type LocalCause =
  | 'no-reply'
  | 'token-missing'
  | 'token-refused'
  | 'token-too-weak'
  | 'overflow'
  | 'nothing-loaded'
  | 'no-such-endpoint'
  | 'no-such-model'
  | 'system-turn'
  | 'not-enough-memory'
  | 'other';

/** A problem with a local server, with its cause for the code that has to react to it. */
export interface LocalProblem extends Problem {
  readonly cause: LocalCause;
}

/** LM Studio says this with status 200 for every path that it does not know. */
const unknownPath = /unexpected endpoint or method/i;
const systemTurn =
  /system message must be at the beginning|invalid discriminator value|roles must alternate|role.{0,20}system/i;

/** True when a body is LM Studio's way of saying that it has no such path. */
export function isUnknownPath(body: string): boolean {
  return unknownPath.test(upstreamError(body)?.message ?? '');
}

/** What a reply that is not the wished-for one means, in words. `aim` completes "could not …", e.g. "load a model". */
export function localProblem(reply: HttpReply, address: string, aim: string, token?: Secret): LocalProblem {
  if (!reply.reached) return { cause: 'no-reply', ...unanswered(reply, address, aim) };
  const error = upstreamError(reply.body) ?? { message: '', type: undefined, code: undefined };
  const cause = causeOf(reply.status, error, token !== undefined);
  return { cause, ...inWords(cause, { address, aim, said: saidBy(reply, error, token) }) };
}

/** A server that was reached before and stays silent now is busy, not off. */
function unanswered(reply: HttpReply & { reached: false }, address: string, aim: string): Problem {
  const seconds = Math.max(1, Math.round(reply.ms / 1000));
  if (reply.failure !== 'timeout') return noLocalReply(address, reply.failure, seconds);
  return {
    code: 'timed-out',
    problem: `The server at ${address} did not manage to ${aim} within ${seconds} s.`,
    fix: 'Load the model in LM Studio first, see in the log there whether it is busy, then try again.',
  };
}

function causeOf(status: number, { message, type, code }: UpstreamError, tokenSent: boolean): LocalCause {
  if (status === 401) return tokenSent ? 'token-refused' : 'token-missing';
  if (/invalid_api_key|api token is required/i.test(`${code} ${message}`))
    return tokenSent ? 'token-refused' : 'token-missing';
  if (status === 403 || /permission|not allowed for this token/i.test(`${type} ${message}`)) return 'token-too-weak';
  if (unknownPath.test(message)) return 'no-such-endpoint';
  if (tellsOverflow(`${type} ${message}`)) return 'overflow';
  if (/no models? (is |are )?loaded/i.test(message)) return 'nothing-loaded';
  if (systemTurn.test(message)) return 'system-turn';
  if (/out of memory|insufficient (system )?(memory|resources)|not enough (memory|resources)|guardrail/i.test(message))
    return 'not-enough-memory';
  if (
    /model.{0,80}(not found|does not exist|not exist|unknown)|invalid model|(cannot|could not) find model/i.test(
      message,
    )
  )
    return 'no-such-model';
  return 'other';
}

function saidBy(reply: HttpReply & { reached: true }, error: UpstreamError, token: Secret | undefined): string {
  if (error.message !== '') return `status ${reply.status}, "${quotable(error.message, [token])}"`;
  if (isWebPage(reply.body)) return `status ${reply.status} and a web page`;
  return `status ${reply.status} and ${reply.body.trim() === '' ? 'nothing else' : 'something that is no answer'}`;
}

interface Circumstances {
  readonly address: string;
  readonly aim: string;
  /** The server's own words, masked. */
  readonly said: string;
}

function inWords(cause: LocalCause, { address, aim, said }: Circumstances): Problem {
  switch (cause) {
    case 'token-missing':
      return {
        code: 'local-token-missing',
        problem: `The server at ${address} wants an API token.`,
        fix: 'Create one in LM Studio (Developer > Server Settings > Manage Tokens) and give it here, or turn "Require Authentication" off.',
      };
    case 'token-refused':
      return {
        code: 'local-token-refused',
        problem: `The server at ${address} does not accept this API token.`,
        fix: 'Copy the token again, whole and without spaces, from LM Studio (Developer > Server Settings > Manage Tokens).',
      };
    case 'token-too-weak':
      return {
        code: 'local-token-too-weak',
        problem: `The API token may not ${aim} at ${address}.`,
        fix: 'In LM Studio (Developer > Server Settings > Manage Tokens) give the token that permission, or do it there by hand.',
      };
    case 'overflow':
      return {
        code: 'context-window-small',
        problem: `The model at ${address} is loaded with too small a context window: ${said}.`,
        fix: 'In LM Studio load it again with a context length of at least 65,536 tokens, and save that as its default.',
      };
    case 'nothing-loaded':
      return {
        code: 'local-model-not-loaded',
        problem: `No model is loaded at ${address}.`,
        fix: 'Load one in LM Studio, or there: lms load MODEL -c 65536 -y',
      };
    case 'no-such-endpoint':
      return {
        code: 'local-server-too-old',
        problem: `The server at ${address} is too old to ${aim}: it has no such endpoint.`,
        fix: 'Update LM Studio to 0.4.15 or later.',
      };
    case 'no-such-model':
      return {
        code: 'local-model-missing',
        problem: `The server at ${address} does not have this model: ${said}.`,
        fix: 'List the models again and choose one of them.',
      };
    case 'system-turn':
      return {
        code: 'system-message-refused',
        problem: `The model's chat template at ${address} refuses a system message after the first turn: ${said}.`,
        fix: 'The gateway folds such messages for the local model; nothing to do as long as requests go through it.',
      };
    case 'not-enough-memory':
      return {
        code: 'local-memory-short',
        problem: `The machine at ${address} has not enough memory to ${aim}: ${said}.`,
        fix: 'Unload other models there, choose a smaller one, or a smaller context length (at least 32,768).',
      };
    case 'no-reply':
    case 'other':
      return {
        code: 'local-server-fault',
        problem: `The server at ${address} could not ${aim}: ${said}.`,
        fix: "Look at the log in LM Studio's Developer tab, then try again.",
      };
  }
}
