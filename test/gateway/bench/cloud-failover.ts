/**
 * What each way of a cloud to fail costs: the time that a request for it takes over the same request sent to who stands in, by
 * the shipped configuration with `whenCloudFails: [local]`; beside it what a published guide's own comes to, in which nobody
 * stands in. Medians of ten runs (or as many as told).
 *
 *     npm run bench cloud-failover [runs [ours | guide [part of a row's name]]]
 *
 * Needs root and half an hour, most of it for the guide's, which tries again each time. Prints a table in Markdown.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswersInput } from '../../../src/config/schema.ts';
import { CLAUDE_ERRORS } from '../../machine/stand-ins/anthropic-errors.ts';
import type { Fault } from '../../machine/stand-ins/fault.ts';
import { errorEvent } from '../half-answers.ts';
import { ask, type GatewayReply } from '../messages-client.ts';
import { type GatewayConfig, type Scene, setScene } from '../scene.ts';
import { asTheGuideSays } from './guide-config.ts';
import { median } from './median.ts';

const runs = Number(process.argv[2] ?? 10);
const [, , , only, part = ''] = process.argv;
const LONG = 600_000;
/** Of each row a run of its own: a cloud that wants to be asked again at once is not left alone. */
const atOnce = { 'retry-after': '0' };

/** One way to fail; `times` runs where one takes minutes. */
interface Row {
  readonly name: string;
  readonly model?: string;
  readonly fault?: Fault;
  readonly before?: (scene: Scene) => Promise<unknown>;
  readonly times?: number;
  /** What was learnt by the row before it; who learns nothing is not asked. */
  readonly learnt?: true;
}

function named(error: string, headers: Readonly<Record<string, string>> = atOnce): Fault {
  const { status, body } = CLAUDE_ERRORS[error] ?? { status: 500, body: {} };
  return { on: 'generation', does: 'status', status, body, headers };
}

const begun = errorEvent('Overloaded', true) as Extract<Fault, { does: 'status' }>;
const overloadedStream: Fault = {
  ...begun,
  body: String(begun.body).replace('invalid_request_error', 'overloaded_error'),
};

const rows: readonly Row[] = [
  { name: 'well' },
  { name: 'at its limit (429)', fault: named('rate_limit') },
  {
    name: 'at its limit, and left alone',
    model: 'claude-opus',
    fault: named('rate_limit', { 'retry-after': '600' }),
    before: async (scene) => await ask(scene.gateway, request('claude-opus'), undefined, {}, LONG),
  },
  { name: 'overloaded (529)', fault: named('overloaded') },
  { name: 'having an error (500)', fault: named('api') },
  { name: 'out of credit (400)', fault: named('credit') },
  { name: 'not knowing the key (401)', fault: named('authentication') },
  { name: 'overloaded, told in the stream', model: 'claude-sonnet', fault: overloadedStream, times: 1 },
  { name: 'accepting no connection', model: 'claude-dark', times: 1 },
  { name: 'accepting none, the next request', model: 'claude-dark', times: 1, learnt: true },
  { name: 'silent', model: 'claude-haiku', fault: { on: 'generation', does: 'silence' }, times: 1 },
  {
    name: 'silent, the next request',
    model: 'claude-haiku',
    fault: { on: 'generation', does: 'silence' },
    times: 1,
    learnt: true,
  },
];

const last = 'back again, after the time that it told';

const anthropic = { models: { sonnet: 'claude-sonnet-4-6', opus: 'claude-opus-4-8', haiku: 'claude-haiku-4-5' } };
const answers: Partial<AnswersInput> = { cloud: { anthropic }, failover: { whenCloudFails: ['local'] } };

/** A cloud that nobody reaches, in the same configuration. */
function withDarkCloud(config: GatewayConfig): void {
  const known = config.model_list.find(({ model_name }) => model_name === 'claude-sonnet');
  if (known === undefined) throw new Error('the configuration does not list claude-sonnet');
  const litellm_params = { ...known.litellm_params, api_base: 'http://198.51.100.9:9' };
  const model_info = { ...known.model_info, id: 'dark:claude-sonnet' };
  config.model_list.push({ model_name: 'claude-dark', litellm_params, model_info });
  const fallbacks = config.router_settings.fallbacks as object[] | undefined;
  fallbacks?.push({ 'claude-dark': ['local-only'] });
}

function open(ours: boolean): Promise<Scene> {
  const change = (config: GatewayConfig): void => {
    if (!ours) asTheGuideSays(config);
    withDarkCloud(config);
  };
  return setScene({ answers, lmStudio: { strictTemplate: false }, change });
}

function request(model: string): Record<string, unknown> {
  return { model, max_tokens: 1024, stream: true, messages: [{ role: 'user', content: 'hello' }] };
}

async function measure(ours: boolean): Promise<Map<string, string>> {
  const scene = await open(ours);
  try {
    for (let warming = 0; warming < 5; warming += 1)
      for (const model of ['claude-sonnet-4-6', 'local'])
        await ask(scene.gateway, request(model)).catch(() => undefined);
    const cells = new Map<string, string>();
    for (const row of rows.filter(({ name, learnt }) => name.includes(part) && (ours || learnt !== true)))
      cells.set(row.name, await cell(scene, row, ours));
    cells.set(last, await backAgain(scene));
    return cells;
  } finally {
    await scene.close();
  }
}

async function cell(scene: Scene, row: Row, ours: boolean): Promise<string> {
  scene.reset();
  if (row.fault !== undefined) scene.anthropic.settings.faults.push(row.fault);
  await row.before?.(scene);
  const done: { ms: number; added: number; outcome: string }[] = [];
  for (let run = 0; run < (row.times ?? runs); run += 1) {
    const reply = await ask(scene.gateway, request(row.model ?? 'claude-sonnet'), undefined, {}, LONG).catch(
      () => undefined,
    );
    const direct = await ask(scene.gateway, request('local'));
    done.push({ ms: reply?.ms ?? LONG, added: (reply?.ms ?? LONG) - direct.ms, outcome: outcomeOf(reply) });
  }
  const outcomes = [...new Set(done.map(({ outcome }) => outcome))].join(' / ');
  console.error(ours ? 'ours' : 'guide', row.name, done.map(({ ms }) => Math.round(ms)).join(' '), outcomes);
  const stoodIn = outcomes === 'local answers';
  const ms = Math.round(median(done.map((run) => (stoodIn ? run.added : run.ms))));
  return stoodIn ? `+${ms} ms; ${outcomes}` : `${ms} ms; ${outcomes}`;
}

function outcomeOf(reply: GatewayReply | undefined): string {
  if (reply === undefined) return 'gave up waiting';
  if (reply.status !== 200) return `HTTP ${reply.status}`;
  if (reply.error !== undefined) return 'error event';
  if (reply.text === '') return 'NOTHING AS IF WHOLE';
  return reply.text.includes('on LM Studio') ? 'local answers' : 'cloud answers';
}

/** Milliseconds from the moment that the cloud named until it answers itself, asked every 50 ms. */
async function backAgain(scene: Scene): Promise<string> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    scene.reset();
    scene.anthropic.settings.faults.push({ ...named('rate_limit', { 'retry-after': '2' }), times: 1 });
    const started = performance.now();
    await ask(scene.gateway, request('claude-sonnet'), undefined, {}, LONG).catch(() => undefined);
    for (;;) {
      const reply = await ask(scene.gateway, request('claude-sonnet'), undefined, {}, LONG).catch(() => undefined);
      if (outcomeOf(reply) === 'cloud answers') break;
      await sleep(50);
    }
    times.push(performance.now() - started - 2000);
  }
  return `${Math.round(median(times))} ms`;
}

const ours = only === 'guide' ? undefined : await measure(true);
const guide = only === 'ours' ? undefined : await measure(false);
const names = [...rows.map(({ name }) => name), last].filter((name) => ours?.has(name) || guide?.has(name));
const lines = names.map((name) => `| ${name} | ${ours?.get(name) ?? ''} | ${guide?.get(name) ?? ''} |`);
console.log(['| the cloud is | ours | the guide |', '|---|---|---|', ...lines].join('\n'));
