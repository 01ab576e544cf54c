/**
 * One conversation beside 1, 2, 4 and 8 subagents on one local server, through the real gateway, with its queue and without, through a
 * published guide's configuration of the same LiteLLM, and through claude-code-router, which have none: how long the conversation waits for its first word, how many prompt tokens the server really
 * reads, and when everybody is done.
 *
 *     npm run bench local-queue [runs [gpu | llama-1 | llama-2 | llama-1-forgetful]]
 *
 * `gpu` is a stand-in that remembers its last prompt; `llama-N` is the real llama-server with a tiny model and N slots, `forgetful` without
 * its store of earlier prompts. Our two ways share one gateway, and all of them one server in turns: the server has two addresses, and by one of them it says
 * how many requests it answers at once. Needs root; prints a table in Markdown.
 */
import { randomUUID } from 'node:crypto';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { engine } from '../../templates/engine.ts';
import { startLlama } from '../../templates/llama-server.ts';
import { localModel, setScene } from '../scene.ts';
import { asTheGuideSays } from './guide-config.ts';
import { median } from './median.ts';
import { CALLS, LETTERS, oneGpu, type Serving } from './one-gpu.ts';
import { type Asked, startRouter } from './router.ts';

const runs = Number(process.argv[2] ?? 10);
const which = process.argv[3] ?? 'gpu';

/** Tokens of the prompts, turns of each subagent, and how long its tools take, in milliseconds. */
interface Load {
  readonly name: string;
  readonly agents: number;
  readonly core: number;
  readonly own: number;
  readonly grows: number;
  readonly turns: number;
  readonly toolMs: readonly [least: number, most: number];
}

const real = which !== 'gpu';
const usual = real
  ? { core: 80, own: 160, grows: 30, turns: 3, toolMs: [30, 120] as const }
  : { core: 2000, own: 3000, grows: 300, turns: 4, toolMs: [30, 120] as const };
const loads: readonly Load[] = [
  ...[1, 2, 4, 8].map((agents) => ({ name: `${agents}`, agents, ...usual })),
  ...(real
    ? []
    : [
        {
          name: '4, short prompts and slow tools',
          agents: 4,
          ...usual,
          core: 200,
          own: 100,
          grows: 50,
          toolMs: [1200, 3000] as const,
        },
      ]),
];

/** What came of a run: seconds until the conversation's first words, tokens read, seconds until the last subagent was done, and on average. */
interface Outcome {
  readonly firstWords: readonly number[];
  readonly read: number;
  readonly allDone: number;
  readonly oneDone: number;
}

/** By the server's own count: a gateway may keep it to itself. */
let tokensRead = 0;
const serving = await start();
const [told, untold] = [await front(serving.url, true), await front(serving.url, false)];
const scene = await setScene({
  answers: {},
  environment: { LOCAL_PARALLEL: '' },
  address: (wire) => `http://${wire.outside}:${told.port}`,
  change: ({ model_list }) => {
    for (const { model_name, litellm_params } of model_list)
      if (model_name === 'local')
        litellm_params.api_base = String(litellm_params.api_base).replace(`:${told.port}/`, `:${untold.port}/`);
  },
});
const guided = await setScene({ address: (wire) => `http://${wire.outside}:${untold.port}`, change: asTheGuideSays });
const router = await startRouter(scene.wire, {
  local: `http://${scene.wire.outside}:${untold.port}`,
  claude: scene.urls.claude,
  claudeKey: scene.claudeKey,
});
/** Who is asked, and for which model. */
interface Way {
  readonly name: string;
  readonly asked: Asked;
  readonly model: string;
}
const ways: readonly Way[] = [
  { name: 'with', asked: scene.gateway, model: 'local-only' },
  { name: 'without', asked: scene.gateway, model: 'local' },
  { name: 'the guide', asked: guided.gateway, model: 'local' },
  { name: 'claude-code-router', asked: router, model: `local,${localModel}` },
];
try {
  // By the first name it tells how many it answers at once; that is asked for beside the first request.
  for (const way of ways) await answered(way, randomUUID(), '', 'system', ['hello']);
  await sleep(1500);
  console.log(
    '| subagents | queue | first word of the conversation, s: median, 9 of 10, longest | tokens read | all done, s | a subagent done, s |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const load of loads) {
    const seen = new Map(ways.map((way) => [way, [] as Outcome[]]));
    for (let run = 0; run < runs; run += 1)
      for (const way of run % 2 === 0 ? ways : ways.toReversed()) seen.get(way)?.push(await oneRun(way, load));
    for (const [{ name }, outcomes] of seen) console.log(rowOf(load, name, outcomes));
  }
} finally {
  await router.stop();
  await guided.close();
  await scene.close();
  for (const one of [told, untold, serving]) await one.close();
}

function rowOf({ name }: Load, way: string, seen: readonly Outcome[]): string {
  const first = seen.flatMap(({ firstWords }) => firstWords).sort((one, other) => one - other);
  const at = (share: number): string =>
    (first[Math.min(first.length - 1, Math.floor(share * first.length))] ?? 0).toFixed(2);
  const of = (pick: (one: Outcome) => number, digits: number): string => median(seen.map(pick)).toFixed(digits);
  const words = `${median(first).toFixed(2)}, ${at(0.9)}, ${at(1)}`;
  return `| ${name} | ${way} | ${words} | ${of(({ read }) => read, 0)} | ${of(({ allDone }) => allDone, 1)} | ${of(({ oneDone }) => oneDone, 1)} |`;
}

/** A conversation that has been read once, then all subagents at once, and two turns of the conversation while they work. */
async function oneRun(way: Way, load: Load): Promise<Outcome> {
  const session = randomUUID();
  const talk = text(load.core + load.own, `conversation ${session}`);
  await answered(way, session, '', talk, ['begin']);
  const [began, readBefore] = [performance.now(), tokensRead];
  const done: number[] = [];
  const agents = Array.from({ length: load.agents }, async (_, number) => {
    const said = [text(load.own, `task ${number} of ${session}`)];
    for (let turn = 1; turn <= load.turns; turn += 1) {
      const last = turn === load.turns;
      await answered(way, session, `a${number}`, text(load.core, 'the same for all'), said, !last);
      said.push(text(load.grows, `result ${turn} of ${number}`));
      if (!last) await sleep(between(load.toolMs));
    }
    done.push((performance.now() - began) / 1000);
  });
  const converse = async (): Promise<readonly number[]> => {
    await sleep(between([400, 900]));
    const one = await answered(way, session, '', talk, ['begin', 'go on'], true);
    await sleep(between(load.toolMs));
    return [one, await answered(way, session, '', talk, ['begin', 'go on', 'and on'])];
  };
  const [firstWords] = await Promise.all([converse(), ...agents]);
  const allDone = Math.max(...done);
  return {
    firstWords,
    read: tokensRead - readBefore,
    allDone,
    oneDone: done.reduce((sum, one) => sum + one, 0) / done.length,
  };
}

/** One request: seconds until its first word. */
async function answered(
  { asked, model }: Way,
  session: string,
  agent: string,
  system: string,
  said: readonly string[],
  calls = false,
): Promise<number> {
  const began = performance.now();
  const messages = said.flatMap((words, turn) => [
    ...(turn === 0 ? [] : [{ role: 'assistant', content: 'yes' }]),
    { role: 'user', content: calls && turn === said.length - 1 ? `${words} ${CALLS}` : words },
  ]);
  const response = await fetch(`${asked.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      authorization: `Bearer ${asked.key}`,
      'x-claude-code-session-id': session,
      'x-claude-code-request-class': agent === '' ? 'main' : 'subagent',
      ...(agent === '' ? {} : { 'x-claude-code-agent-id': agent }),
    },
    body: JSON.stringify({ model, max_tokens: 4, stream: true, system, messages }),
  });
  let [body, firstWord] = ['', 0];
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    body += decoder.decode(piece as Uint8Array, { stream: true });
    // A tiny model may have nothing to say, and ends at once.
    if (firstWord === 0 && /content_block_delta|message_delta/.test(body))
      firstWord = (performance.now() - began) / 1000;
  }
  if (response.status !== 200 || firstWord === 0)
    throw new Error(`no answer: ${response.status} ${body.slice(0, 500)}`);
  return firstWord;
}

/** So many tokens of words, the first of which tell one text from another. */
function text(tokens: number, first: string): string {
  return `${first} ${'word '.repeat(tokens)}`.slice(0, Math.max(first.length, real ? tokens * 5 : tokens * LETTERS));
}

function between([least, most]: readonly [number, number]): number {
  return least + Math.random() * (most - least);
}

async function start(): Promise<Serving> {
  if (!real) return await oneGpu(4000, 60);
  const [, slots = '1'] = which.split('-');
  const more = which.endsWith('forgetful') ? ['--cache-ram', '0'] : [];
  const llama = await startLlama(await engine(), { host: '127.0.0.1', port: 18_080, slots: Number(slots), more });
  return { url: llama.url, close: llama.stop };
}

/** An address of the server, by which it tells how many requests it answers at once or not, and calls tools where it is told to. */
async function front(upstream: string, tells: boolean): Promise<Serving & { readonly port: number }> {
  const server = createServer((request, response) => {
    if (request.method === 'GET' && !tells) return void response.writeHead(404).end('{}');
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      const calls = body.toString().includes(`${CALLS}"`);
      const headers = { ...request.headers, host: new URL(upstream).host, 'content-length': String(body.length) };
      delete (headers as Record<string, unknown>)['transfer-encoding'];
      // A connection that is used again may be one that the server is closing.
      const options = { method: request.method, headers, agent: false } as const;
      const asked = httpRequest(upstream + (request.url ?? ''), options, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        let said = '';
        answer.on('data', (piece: Buffer) => {
          said += piece.toString();
          response.write(calls ? piece.toString().replace(/"stop_reason":"\w+"/g, '"stop_reason":"tool_use"') : piece);
        });
        answer.on('end', () => {
          const counts = [...said.matchAll(/"input_tokens": ?(\d+)/g)].map(([, count]) => Number(count));
          tokensRead += Math.max(0, ...counts);
          response.end();
        });
      });
      asked.on('error', () => response.destroy());
      response.on('close', () => asked.destroy());
      asked.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const { port } = server.address() as AddressInfo;
  return { url: '', port, close };
}
