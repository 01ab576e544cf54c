/**
 * What each way of failing costs: the time that a request for `local` takes over the same request sent to its fallback,
 * by the shipped configuration and, side by side, by a published guide's. Medians of ten runs (or as many as told).
 *
 *     npm run bench failover [runs]
 *
 * Needs root and half an hour: runs that take longer than a minute are given up. Prints a table in Markdown.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswersInput } from '../../../src/config/schema.ts';
import type { Fault } from '../../machine/stand-ins/fault.ts';
import { halfAnswer, halfCompletion } from '../half-answers.ts';
import { ask, claudeRequest, type GatewayReply } from '../messages-client.ts';
import { type Scene, setScene } from '../scene.ts';
import { asTheGuideSays } from './guide-config.ts';
import { median } from './median.ts';

/** One way of failing: how it is brought about, and taken back. */
interface Row {
  readonly name: string;
  readonly fault?: (ours: boolean) => Fault;
  readonly begin?: (scene: Scene) => unknown;
  readonly end?: (scene: Scene) => unknown;
  readonly said?: string;
}

/** One run: how long, how long the fallback takes when it is asked itself right after, and what came of it. */
interface Run {
  readonly ms: number;
  readonly directMs: number;
  readonly outcome: string;
}

const runs = Number(process.argv[2] ?? 10);
const MINUTE = 60_000;
const LONG = 420_000;
const tooLong = 'x'.repeat(4 * 70_000);
const status = (code: number): Fault => ({ on: 'generation', does: 'status', status: code });
const overflow = (wording: 'n_keep' | 'overflows' | 'exceed_context_size'): Row => ({
  name: `too long (${wording})`,
  said: tooLong,
  begin: ({ lmStudio }) => Object.assign(lmStudio.settings, { overflowWording: wording }),
});

const switchedOff: Row = {
  name: 'switched off',
  begin: ({ wire }) => wire.switchOff(),
  end: ({ wire }) => wire.switchOn(),
};
const slow: Row = {
  name: 'silent for 130 s, then answers',
  fault: () => ({ on: 'generation', does: 'silence', milliseconds: 130_000 }),
};
const rows: readonly Row[] = [
  { name: 'well', begin: () => undefined },
  { name: 'refusing', begin: (scene) => scene.stopLmStudio(), end: (scene) => scene.startLmStudio() },
  ...[500, 503, 429].map((code) => ({ name: String(code), fault: () => status(code) })),
  ...(['n_keep', 'overflows', 'exceed_context_size'] as const).map(overflow),
  {
    name: 'cut in mid-stream',
    said: 'write 100 words',
    fault: () => ({ on: 'generation', does: 'die', afterEvents: 9 }),
  },
  { name: 'ended in mid-stream', fault: (ours) => (ours ? halfAnswer : halfCompletion) },
  switchedOff,
];

const anthropic = { models: { sonnet: 'claude-sonnet-4-6', opus: 'claude-opus-4-8', haiku: 'claude-haiku-4-5' } };
const answers: Partial<AnswersInput> = { cloud: { anthropic }, failover: { allowed: true, overflow: 'cloud' } };

function open(ours: boolean): Promise<Scene> {
  const lmStudio = { strictTemplate: false };
  return setScene({ answers, lmStudio, ...(ours ? {} : { change: asTheGuideSays }) });
}

/** A request that both configurations can hand over: without late system turns and adaptive thinking. */
function request(model: string, said = 'hello'): Record<string, unknown> {
  return { model, max_tokens: 1024, stream: true, messages: [{ role: 'user', content: said }] };
}

async function once(scene: Scene, row: Row, ours: boolean, patience: number): Promise<Run> {
  scene.reset();
  if (row.fault !== undefined) scene.lmStudio.settings.faults.push(row.fault(ours));
  await row.begin?.(scene);
  const started = performance.now();
  const reply = await ask(scene.gateway, request('local', row.said), undefined, {}, patience).catch(() => undefined);
  const ms = performance.now() - started;
  await row.end?.(scene);
  const outcome = outcomeOf(scene, reply);
  const direct = await ask(scene.gateway, request('claude-haiku', row.said));
  return { ms, directMs: direct.ms, outcome };
}

function outcomeOf(scene: Scene, reply: GatewayReply | undefined): string {
  if (reply === undefined) return 'gave up waiting';
  const by = scene.anthropic.requests.some(({ answer }) => answer.status === 200) ? 'cloud' : 'local';
  if (reply.status !== 200) return `HTTP ${reply.status}`;
  if (reply.error !== undefined) return 'error event';
  const whole = reply.text.includes('You said') || reply.text.includes('word');
  return `${by} answers${whole ? '' : ', HALF AN ANSWER AS IF WHOLE'}`;
}

/** The table's cells of one configuration, by the row's name. */
async function measure(ours: boolean): Promise<Map<string, string>> {
  const scene = await open(ours);
  try {
    const cells = new Map<string, string>();
    for (let warming = 0; warming < 5; warming += 1) await ask(scene.gateway, request('claude-haiku'));
    for (const row of rows) cells.set(row.name, await cell(scene, row, ours));
    cells.set('back again', await backAgain(scene));
    cells.set("what Claude Code sends, local model's server stopped", await realRequest(scene));
    return cells;
  } finally {
    await scene.close();
  }
}

async function cell(scene: Scene, row: Row, ours: boolean): Promise<string> {
  const done: Run[] = [];
  for (let run = 0; run < runs; run += 1) done.push(await once(scene, row, ours, MINUTE));
  const outcomes = [...new Set(done.map(({ outcome }) => outcome))].join(' / ');
  const ms = median(done.map((run) => run.ms));
  console.error(ours ? 'ours' : 'guide', row.name, done.map((run) => Math.round(run.ms)).join(' '), outcomes);
  const added = Math.round(median(done.map((run) => run.ms - run.directMs)));
  return `${ms >= MINUTE ? '> 60 s' : `${added} ms`}; ${outcomes}`;
}

/** One run with a longer patience, in a scene of its own. */
async function single(row: Row, ours: boolean): Promise<[string, string]> {
  const scene = await open(ours);
  try {
    await ask(scene.gateway, request('claude-haiku'));
    const { ms, outcome } = await once(scene, row, ours, LONG);
    const asked = scene.lmStudio.requests.length;
    return [`${row.name} (one run)`, `${(ms / 1000).toFixed(1)} s; ${outcome}; asked LM Studio ${asked} times`];
  } finally {
    await scene.close();
  }
}

/** Milliseconds from the server's start until an answer is its own. */
async function backAgain(scene: Scene): Promise<string> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await scene.stopLmStudio();
    await ask(scene.gateway, request('local'), undefined, {}, MINUTE).catch(() => undefined);
    await scene.startLmStudio();
    times.push(await untilLocal(scene));
  }
  return `${Math.round(median(times))} ms until an answer is local`;
}

async function untilLocal(scene: Scene): Promise<number> {
  const started = performance.now();
  while (performance.now() - started < MINUTE) {
    scene.reset();
    const reply = await ask(scene.gateway, request('local'), undefined, {}, MINUTE).catch(() => undefined);
    if (reply !== undefined && outcomeOf(scene, reply) === 'local answers') break;
    await sleep(50);
  }
  return performance.now() - started;
}

async function realRequest(scene: Scene): Promise<string> {
  scene.reset();
  await scene.stopLmStudio();
  const reply = await ask(
    scene.gateway,
    claudeRequest('local', 'hello', { stream: true }),
    undefined,
    {},
    MINUTE,
  ).catch(() => undefined);
  await scene.startLmStudio();
  return outcomeOf(scene, reply);
}

const [ours, guide, ...long] = await Promise.all([
  measure(true),
  measure(false),
  single(slow, true),
  single(slow, false),
  single(switchedOff, false),
]);
const lines = [...ours.keys()].map((name) => `| ${name} | ${ours.get(name)} | ${guide.get(name)} |`);
console.log(['| LM Studio is | ours | the guide |', '|---|---|---|', ...lines].join('\n'));
console.log(`| ${long[0][0]} | ${long[0][1]} | ${long[1][1]} |\n| ${long[2][0]} | | ${long[2][1]} |`);
