import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { parse } from 'yaml';
import { type Listening, listen } from '../stand-ins/stand-in.ts';

/** The gateways that run, by container name. */
export interface GatewaySet {
  /** Starts one with the configuration as it stands now; false when the port is taken. */
  start(name: string, given: GatewayGiven): Promise<boolean>;
  stop(name: string): Promise<void>;
  closeAll(): Promise<void>;
}

/** What a gateway is started with. */
export interface GatewayGiven {
  readonly port: number;
  /** Text of config.yaml. */
  readonly config: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where an address really is. */
  readonly url: (url: string) => string;
}

/** Gateways on loopback ports of this process. */
export function makeGateways(): GatewaySet {
  const running = new Map<string, Listening>();
  const stop = async (name: string): Promise<void> => {
    await running.get(name)?.close();
    running.delete(name);
  };
  return {
    stop,
    start: async (name, given) => {
      await stop(name);
      const listening = await listen({ handle: gatewayHandler(given) }, { port: given.port }).catch(() => undefined);
      if (listening !== undefined) running.set(name, listening);
      return listening !== undefined;
    },
    closeAll: async () => {
      await Promise.all([...running.keys()].map(stop));
    },
  };
}

/** The text of a gateway's configuration on the disk, as a container would see it. */
export function readConfig(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

interface Deployment {
  readonly model_name: string;
  readonly litellm_params: { readonly model: string; readonly api_base?: string; readonly api_key?: string };
  readonly model_info: { readonly id: string };
}

interface Config {
  readonly model_list: readonly Deployment[];
  readonly router_settings?: { readonly fallbacks?: readonly Record<string, readonly string[]>[] };
  readonly general_settings: { readonly master_key: string };
}

/** LiteLLM as far as an installer and a launcher see it; replies in the shapes that LiteLLM 1.108.14 was seen to give. */
function gatewayHandler({ config: text, environment, url }: GatewayGiven): RequestListener {
  const config = parse(text) as Config;
  const resolved = (value: string): string =>
    value.startsWith('os.environ/') ? (environment[value.slice(11)] ?? '') : value;
  const key = resolved(config.general_settings.master_key);
  return (request, response) => {
    void answer(request, response, { config, key, resolved, url }).catch((error: unknown) =>
      refuse(response, 500, `the gateway's stand-in failed: ${String(error)}`),
    );
  };
}

interface Gateway {
  readonly config: Config;
  readonly key: string;
  readonly resolved: (value: string) => string;
  readonly url: (url: string) => string;
}

async function answer(request: IncomingMessage, response: ServerResponse, gateway: Gateway): Promise<void> {
  const body = await textOf(request);
  const path = (request.url ?? '').split('?')[0];
  if (path === '/health/readiness/details') return send(response, 200, { litellm_version: '1.108.14-paper' });
  if (path === '/health/readiness') return send(response, 200, { status: 'healthy', db: 'Not connected' });
  if (path === '/health/liveliness') return send(response, 200, "I'm alive!");
  const given = request.headers.authorization?.replace(/^Bearer /, '') ?? request.headers['x-api-key'];
  if (given === undefined) return refuse(response, 401, 'Authentication Error, No api key passed in.');
  if (given !== gateway.key) return refuse(response, 400, 'No connected db.');
  const mark = String(request.headers['x-claude-routing'] ?? '');
  if (path === '/v1/messages/count_tokens' && mark.includes('local-only')) return refuseMarked(response);
  if (path === '/v1/models') return send(response, 200, { object: 'list', data: modelRows(gateway.config) });
  if (path !== '/v1/messages') return refuse(response, 404, 'Not Found');
  return await answerMessage(JSON.parse(body) as Record<string, unknown>, response, gateway);
}

function modelRows({ model_list }: Config): readonly object[] {
  return model_list.map(({ model_name }) => ({ id: model_name, object: 'model', owned_by: 'openai' }));
}

async function answerMessage(body: Record<string, unknown>, response: ServerResponse, gateway: Gateway): Promise<void> {
  const name = String(body.model);
  const fallbacks = gateway.config.router_settings?.fallbacks?.flatMap((entry) => entry[name] ?? []) ?? [];
  let last: Upstream = { status: 400, body: errorBody(400, `Invalid model name passed in model=${name}`) };
  for (const [attempt, candidate] of [name, ...fallbacks].entries()) {
    const deployment = gateway.config.model_list.find(({ model_name }) => model_name === candidate);
    if (deployment === undefined) continue;
    last = await forward(deployment, body, gateway);
    if (last.status !== 200) continue;
    const headers = {
      'x-litellm-model-id': deployment.model_info.id,
      'x-litellm-model-group': candidate,
      'x-litellm-model-api-base': deployment.litellm_params.api_base ?? 'https://api.anthropic.com',
      'x-litellm-attempted-fallbacks': String(attempt),
    };
    return send(response, 200, last.body, headers);
  }
  return send(response, last.status, last.body);
}

interface Upstream {
  readonly status: number;
  readonly body: string;
}

async function forward(
  { litellm_params: to }: Deployment,
  body: Record<string, unknown>,
  gateway: Gateway,
): Promise<Upstream> {
  const [provider = '', ...rest] = to.model.split('/');
  const base = (to.api_base ?? 'https://api.anthropic.com').replace(/\/v1$/, '');
  const headers = {
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    'x-api-key': gateway.resolved(to.api_key ?? ''),
    connection: 'close',
  };
  try {
    const reply = await fetch(gateway.url(`${base}/v1/messages`), {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...body, model: rest.join('/') }),
    });
    const said = await reply.text();
    return reply.status === 200
      ? { status: 200, body: said }
      : { status: reply.status, body: errorBody(reply.status, `litellm.APIError: ${provider}Exception - ${said}`) };
  } catch (error) {
    return { status: 500, body: errorBody(500, `litellm.InternalServerError: Connection error. ${String(error)}`) };
  }
}

function errorBody(status: number, message: string): string {
  const type = status === 401 ? 'auth_error' : status === 400 ? 'no_db_connection' : 'None';
  return JSON.stringify({ error: { message, type, param: 'None', code: String(status) } });
}

/** As the guard in front of LiteLLM does. */
function refuseMarked(response: ServerResponse): void {
  const body = {
    type: 'error',
    error: { type: 'invalid_request_error', message: 'this session never leaves this network' },
  };
  send(response, 400, body, { 'x-claude-routing-guard': 'refused' });
}

function refuse(response: ServerResponse, status: number, message: string): void {
  send(response, status, errorBody(status, message));
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}
