import { containerReachabilityProblem } from '../../config/address.ts';
import { setOption } from '../../config/set-option.ts';
import type { HttpReply, Probe } from '../../host/host.ts';
import type { Secret } from '../../host/secret.ts';
import { portOf } from '../../http/no-reply.ts';
import { bearer, isWebPage, upstreamError } from '../../http/reply-body.ts';
import { failure, type Problem, type Result, success } from '../../problem.ts';
import type { ProblemCode } from '../../problem-codes/index.ts';
import { isUnknownPath, localProblem, noLocalReply } from './errors.ts';
import { type LocalModel, modelsOpenAi, modelsV0, modelsV1, type OpenAiListing } from './lm-studio.ts';
import { isLiteLlmReadiness, isLlamaProps, isOllamaVersion, llamaModels, ollamaModels } from './other-servers.ts';
import { kindWords, type ServerKind, serverNames, usualPortWords } from './server-kinds.ts';

/** A model server, known by the shape of its replies. */
export interface ServerFound {
  readonly kind: ServerKind;
  /** The listing that was understood. Only `lm-studio-v1` can load models on request. */
  readonly listing: 'lm-studio-v1' | 'lm-studio-v0' | 'openai' | 'ollama';
  /** Chat models only, the readiest first. May be empty. */
  readonly models: readonly LocalModel[];
  /** Milliseconds of the first exchange. */
  readonly ms: number;
  /** A token was sent, because one was given. */
  readonly tokenUsed: boolean;
}

/** Milliseconds for each look. */
const usualMs = 3000;

type Http = Pick<Probe, 'http'>;

/**
 * Finds out what answers at a normalised address. Changes nothing. Statuses are never trusted: LM Studio answers 200 to
 * everything. A problem with the code `local-token-missing` or `local-token-refused` means: a model server, but with authentication on.
 * `timeoutMs` is the patience for each look; a problem names it.
 */
export async function identifyServer(
  probe: Http,
  address: string,
  token?: Secret,
  timeoutMs = usualMs,
): Promise<Result<ServerFound>> {
  const first = await get(probe, address, '/api/v1/models', token, timeoutMs);
  if (!first.reached) return failure(noLocalReply(address, first.failure, timeoutMs / 1000));
  const found = { ms: first.ms, tokenUsed: token !== undefined };
  const models = modelsV1(first.body);
  if (models !== undefined) return success({ kind: 'lm-studio', listing: 'lm-studio-v1', models, ...found });
  const wall = wallProblem(first, address);
  if (wall !== undefined) return failure(wall);
  const other = await identifyOther(probe, address, first, token, timeoutMs);
  return other ?? failure(strangerProblem(first, address, token));
}

async function identifyOther(
  probe: Http,
  address: string,
  first: HttpReply & { reached: true },
  token: Secret | undefined,
  timeoutMs: number,
): Promise<Result<ServerFound> | undefined> {
  const ask = (path: string): Promise<HttpReply> => get(probe, address, path, token, timeoutMs);
  const look = async (path: string): Promise<string> => bodyOf(await ask(path));
  const paths = ['/api/v0/models', '/api/version', '/props', '/health/readiness'] as const;
  const [listed, v0, version, props, readiness] = await Promise.all([ask('/v1/models'), ...paths.map(look)]);
  const found = { ms: first.ms, tokenUsed: token !== undefined };
  const modelsOfV0 = modelsV0(v0 ?? '');
  if (modelsOfV0 !== undefined)
    return success({ kind: 'lm-studio', listing: 'lm-studio-v0', models: modelsOfV0, ...found });
  if (isOllamaVersion(version ?? '')) {
    const [tags = '', running = ''] = await Promise.all(['/api/tags', '/api/ps'].map(look));
    const models = ollamaModels(tags, running) ?? [];
    return success({ kind: 'ollama', listing: 'ollama', models, ...found });
  }
  if (isLiteLlmReadiness(readiness ?? '')) return failure(gatewayProblem(address));
  const listing = modelsOpenAi(bodyOf(listed));
  if (listing === undefined && listed.reached && isVllmDoor(listed))
    return failure(localProblem(listed, address, 'list its models', token, 'vllm'));
  if (listing === undefined) return undefined;
  return success({ ...openAiServer(listing, first.body, props ?? ''), ...found });
}

/** vLLM's key guards /v1 alone, in these words (its entrypoints/serve/middleware/authenticate.py). */
function isVllmDoor({ status, body }: HttpReply & { reached: true }): boolean {
  return status === 401 && upstreamError(body)?.message === 'Unauthorized';
}

function openAiServer(
  listing: OpenAiListing,
  firstBody: string,
  props: string,
): Pick<ServerFound, 'kind' | 'listing' | 'models'> {
  if (isUnknownPath(firstBody)) return { kind: 'lm-studio', listing: 'openai', models: listing.models };
  if (isLlamaProps(props) || listing.owners.includes('llamacpp'))
    return { kind: 'llama.cpp', listing: 'openai', models: llamaModels(props, listing.models) };
  const kind = listing.owners.includes('vllm') ? 'vllm' : 'openai-compatible';
  return { kind, listing: 'openai', models: listing.models };
}

async function get(
  probe: Http,
  address: string,
  path: string,
  token: Secret | undefined,
  timeoutMs: number,
): Promise<HttpReply> {
  return probe.http({ url: `${address}${path}`, headers: bearer(token), timeoutMs });
}

function bodyOf(reply: HttpReply): string {
  return reply.reached ? reply.body : '';
}

/** Redirects and plain http on a TLS port: there is something, but not at this address. */
function wallProblem(reply: HttpReply & { reached: true }, address: string): Problem | undefined {
  const { host, hostname } = new URL(address);
  const location = reply.headers.location;
  if (reply.status >= 300 && reply.status < 400 && location !== undefined) {
    const target = URL.canParse(location, address) ? new URL(location, address) : undefined;
    const elsewhere = target === undefined || target.host === '' ? undefined : `${target.protocol}//${target.host}`;
    return {
      code: 'not-a-model-server',
      problem: `${host} redirects to ${elsewhere ?? 'an invalid address'}.`,
      fix: `Type the address of the model server itself, e.g. ${hostname}:1234${elsewhere === undefined ? '' : `, or ${elsewhere} if that is it`}.`,
    };
  }
  if (!/http request.{0,30}https|plain http request was sent to https/i.test(reply.body)) return undefined;
  return {
    code: 'https-wanted',
    problem: `Port ${portOf(address)} of ${hostname} wants https.`,
    fix: `Type https://${hostname}:${portOf(address)}`,
  };
}

function gatewayProblem(address: string): Problem {
  return {
    code: 'not-a-model-server',
    problem: `A LiteLLM gateway answers at ${address}, not a model server.`,
    fix: `Type the address of the model server behind it. The usual ports: ${usualPortWords}.`,
  };
}

/** An HTTP server that none of the looks could place. */
function strangerProblem(first: HttpReply & { reached: true }, address: string, token: Secret | undefined): Problem {
  const error = upstreamError(first.body);
  const authentication = first.status === 401 || first.status === 403 || error?.code === 'invalid_api_key';
  if (authentication) return localProblem({ ...first, status: 401 }, address, 'list its models', token, undefined);
  const what = isWebPage(first.body) ? 'a web page' : `status ${first.status} and nothing that lists models`;
  return {
    code: 'not-a-model-server',
    problem: `Something answers at ${address}, but it is not a model server: it sends ${what}.`,
    fix: `Type address and port of the model server. The usual ports: ${usualPortWords}.`,
  };
}

/** Jan listens at the last one, by its own documentation. */
const usualPorts = [...Object.values(kindWords).flatMap(({ port }) => port ?? []), 1337];

/** Milliseconds for each look: the machine was dialled a moment ago. */
const patienceMs = 1500;

/** The machine is there, or may be, and it is the port that is wrong. */
const portMayBeWrong: readonly ProblemCode[] = [
  'certificate-untrusted',
  'connection-cut',
  'connection-refused',
  'not-a-model-server',
  'timed-out',
];

/** A model server at another port of the same machine. */
export interface OtherPort {
  readonly address: string;
  readonly port: string;
  /** To stand before "answers": `Ollama`. */
  readonly who: string;
}

/**
 * The first model server at one of the usual ports of the machine, where `problem` says that none was found at `address`. Looks
 * at all ports at once, for some seconds at most, and sends no token: it is meant for the address that was given.
 */
export async function findUsualPort(
  probe: Pick<Probe, 'http'>,
  address: string,
  { code }: Problem,
): Promise<OtherPort | undefined> {
  // On the loopback no port would help: the gateway's container cannot reach it.
  if (!portMayBeWrong.includes(code) || containerReachabilityProblem(address, []) !== undefined) return undefined;
  const others = usualPorts.filter((port) => String(port) !== portOf(address));
  const looks = await Promise.all(others.map(async (port) => await lookAt(probe, address, String(port))));
  return looks.find((found) => found !== undefined);
}

/** The same problem, with the port to use if one of the usual ones answers. */
export async function withUsualPort(probe: Pick<Probe, 'http'>, address: string, problem: Problem): Promise<Problem> {
  const other = await findUsualPort(probe, address, problem);
  if (other === undefined) return problem;
  return {
    ...problem,
    problem: `${problem.problem} ${other.who} answers on port ${other.port} of the same machine.`,
    fix: `use that port:  claude-routing-install ${setOption('localModel.address', other.address)}`,
  };
}

async function lookAt(probe: Pick<Probe, 'http'>, address: string, port: string): Promise<OtherPort | undefined> {
  const other = `http://${new URL(address).hostname}:${port}`;
  const found = await identifyServer(probe, other, undefined, patienceMs);
  if (found.ok) return { address: other, port, who: serverNames[found.value.kind] };
  return found.problem.code === 'local-token-missing'
    ? { address: other, port, who: 'A model server that wants a token' }
    : undefined;
}
