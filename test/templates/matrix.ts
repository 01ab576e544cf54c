import { ask } from '../gateway/messages-client.ts';
import { type Scene, setScene } from '../gateway/scene.ts';
import { type TemplateCase, templateCases } from './cases.ts';
import type { Engine } from './engine.ts';
import { type LlamaServer, startLlama } from './llama-server.ts';

/** How one request ended. */
export interface Outcome {
  readonly status: number;
  /** What was said instead of an answer. */
  readonly error?: string;
}

/** One template against one case: sent to the engine as it is, and through the gateway. */
export interface Cell {
  readonly template: string;
  readonly name: string;
  readonly direct: Outcome;
  readonly through: Outcome;
}

const PORT = 1234;
/** A tiny model cannot write every format; that comes after the whole request was understood. */
const madeNoSense = /produced output that does not match|failed to parse (the )?(input|output|tool)/i;

/** Whether the request itself was taken. */
export function wasTaken({ status, error }: Outcome): boolean {
  return status === 200 || madeNoSense.test(error ?? '');
}

/** A gateway before llama.cpp's server; no cloud. The server itself is started for each template. */
export function setTemplateScene(): Promise<Scene> {
  return setScene({
    answers: { cloud: {}, failover: { allowed: false } },
    address: (wire) => `http://${wire.separate}:${PORT}`,
  });
}

/** Tries every case with every one of these templates, one after the other. `tell` hears of each template that is done. */
export async function tryTemplates(
  engine: Engine,
  scene: Scene,
  templates: readonly string[],
  tell: (cells: readonly Cell[]) => void = () => undefined,
): Promise<readonly Cell[]> {
  const all: Cell[] = [];
  for (const template of templates) {
    const server = await startLlama(engine, { host: scene.wire.separate, port: PORT, template });
    try {
      const cells: Cell[] = [];
      for (const tried of templateCases) cells.push(await tryCase(server, scene, template, tried));
      tell(cells);
      all.push(...cells);
    } finally {
      await server.stop();
    }
  }
  return all;
}

async function tryCase(server: LlamaServer, scene: Scene, template: string, tried: TemplateCase): Promise<Cell> {
  const body = { model: 'local-only', ...tried.body };
  const direct = await sendDirectly(server, body);
  const { status, error } = await ask(scene.gateway, body);
  return { template, name: tried.name, direct, through: { status, ...(error === undefined ? {} : { error }) } };
}

/** The engine refuses within a hundredth of a second, before it reads the prompt: whoever has heard nothing by now is served. */
const REFUSED_WITHIN = 4000;

/** What the engine says to the request as it is. An answer is not waited for: reading the prompt takes most of the time. */
async function sendDirectly({ url }: LlamaServer, body: Record<string, unknown>): Promise<Outcome> {
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
  const signal = AbortSignal.timeout(REFUSED_WITHIN);
  const asked = { method: 'POST', headers, body: JSON.stringify(body), signal };
  try {
    return await outcomeOf(await fetch(`${url}/v1/messages`, asked));
  } catch (error) {
    if (signal.aborted) return { status: 200 };
    throw error;
  }
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const text = await response.text();
  if (response.ok) return { status: response.status };
  const { error } = JSON.parse(text) as { error?: { message?: string } };
  return { status: response.status, error: error?.message ?? text };
}
