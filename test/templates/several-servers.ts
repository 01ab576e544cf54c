import { loggedLines } from '../gateway/logged-lines.ts';
import { ask, type GatewayReply } from '../gateway/messages-client.ts';
import { type GatewayConfig, type Scene, setScene } from '../gateway/scene.ts';
import type { Engine } from './engine.ts';
import { type LlamaServer, startLlama } from './llama-server.ts';

const PORT = 1234;
const NAME = 'anthropic-local';

/** Who decides which of two servers a request goes to. */
export type Balancing = 'ours' | 'shuffle' | 'session_affinity';

/** Two real servers of one model behind the real gateway, without a cloud. */
export interface TwoServers {
  readonly scene: Scene;
  readonly servers: { first: LlamaServer; second: LlamaServer };
  start(which: 'first' | 'second'): Promise<void>;
  close(): Promise<void>;
}

export async function setTwoServers(engine: Engine, balancing: Balancing): Promise<TwoServers> {
  const theirs = balancing !== 'ours';
  const scene = await setScene({
    answers: { cloud: {}, failover: { allowed: false } },
    address: (wire) => `http://${wire.separate}:${PORT}`,
    moreAddresses: (wire) => [`http://${wire.outside}:${PORT}`],
    ...(theirs ? { environment: { LOCAL_SERVERS: '' }, change: (config) => deployEach(config, balancing) } : {}),
  });
  const hosts = { first: scene.wire.separate, second: scene.wire.outside };
  const launch = (which: 'first' | 'second') => startLlama(engine, { host: hosts[which], port: PORT });
  const servers = { first: await launch('first'), second: await launch('second') };
  return {
    scene,
    servers,
    start: async (which) => {
      servers[which] = await launch(which);
    },
    close: async () => {
      await Promise.all(Object.values(servers).map((server) => server.stop()));
      await scene.close();
    },
  };

  /** As LiteLLM's own pages describe it: a deployment for each server. */
  function deployEach(config: GatewayConfig, how: Balancing): void {
    for (const one of [...config.model_list])
      config.model_list.push({
        ...one,
        litellm_params: {
          ...one.litellm_params,
          api_base: `http://${secondHost(one.litellm_params.api_base)}:${PORT}/v1`,
        },
        model_info: { ...one.model_info, id: `${one.model_info.id}-2` },
      });
    if (how === 'session_affinity') config.router_settings.optional_pre_call_checks = ['session_affinity'];
  }
}

/** The wire's other address: 10.79.N.M is the separate one, 10.78.N.M the outside. */
function secondHost(first: unknown): string {
  return new URL(String(first)).hostname.replace(/^10\.79\./, '10.78.');
}

/** A conversation that grows by some 350 tokens a turn behind a system prompt of some 450 that all share. */
export class Conversation {
  readonly session: string;
  readonly #messages: { role: string; content: string }[] = [];
  readonly #name: string;

  constructor(letter: string) {
    this.#name = letter;
    this.session = `${letter.repeat(8)}-0000-4000-8000-000000000000`;
  }

  async turn(scene: Scene, more: Readonly<Record<string, unknown>> = {}): Promise<Turn> {
    const number = this.#messages.length;
    this.#messages.push({ role: 'user', content: words(`${this.#name}${number}`, 60) });
    const system = words('shared', 80);
    const body = { model: NAME, max_tokens: 8, system, messages: this.#messages, ...more };
    const reply = await ask(scene.gateway, body, undefined, { 'x-claude-code-session-id': this.session });
    if (reply.status === 200 && reply.error === undefined)
      this.#messages.push({ role: 'assistant', content: reply.text || '-' });
    else this.#messages.pop();
    return { reply, ...usageOf(reply) };
  }
}

export interface Turn {
  readonly reply: GatewayReply;
  /** Tokens. */
  readonly prompt: number;
  readonly read: number;
}

/** Words that no other name gives. */
function words(name: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${name} ${(index * 7919) % 1009}`).join(', ');
}

/** What the server itself says of the prompt: whole, and how much of it had to be read. */
function usageOf({ body }: GatewayReply): { readonly prompt: number; readonly read: number } {
  const count = (name: string): number =>
    Math.max(0, ...[...body.matchAll(new RegExp(`"${name}": ?(\\d+)`, 'g'))].map((match) => Number(match[1])));
  const [read, cached] = [count('input_tokens'), count('cache_read_input_tokens')];
  return { prompt: read + cached, read };
}

/** The share of the prompts' tokens that had been read before, in per cent. */
export function reusedPercent(turns: readonly Turn[]): number {
  const sum = (of: (turn: Turn) => number): number => turns.reduce((total, turn) => total + of(turn), 0);
  return Math.round(1000 * (1 - sum(({ read }) => read) / sum(({ prompt }) => prompt))) / 10;
}

interface Logged {
  readonly server?: string;
  readonly status: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** What the request log says of each request, oldest first. */
export async function loggedUsage({ gateway }: Scene): Promise<readonly Logged[]> {
  return (await loggedLines(gateway)) as unknown as readonly Logged[];
}

/** Which server answered each request. */
export async function answeredBy(scene: Scene): Promise<readonly string[]> {
  return (await loggedUsage(scene)).map(({ server }) => server ?? '?');
}
