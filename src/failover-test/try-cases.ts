import { setTimeout as pause } from 'node:timers/promises';
import { backendOfId } from '../components/gateway/models.ts';
import { exchangeMessages, type GatewayExchange } from '../components/gateway/requests/exchange.ts';
import { dollarsFor, modelPrices, type PriceList } from '../components/gateway/requests/prices.ts';
import { EffectFailed, type Probe } from '../host/host.ts';
import { Secret } from '../host/secret.ts';
import { given } from '../text/json.ts';
import type { CaseResult, DrillCase } from './drill-case.ts';
import { isCopy } from './fault.ts';
import { causeOf, type Hints, type Verdict, verdictOn } from './verdict.ts';

/** What trying a case takes. */
export interface CaseRun {
  readonly probe: Pick<Probe, 'http'>;
  readonly url: string;
  readonly key: Secret;
  readonly clues: Hints;
  /** Makes the local model or the cloud behave so; throws EffectFailed when it cannot. */
  readonly stage?: (stage: NonNullable<DrillCase['stage']>) => Promise<void>;
  /** Shows that something is going on while a case is tried. */
  readonly busy: <Result>(drilled: DrillCase, work: Promise<Result>) => Promise<Result>;
  /** Called as soon as a result is known. */
  readonly tell: (tried: CaseResult) => void;
  /** Throws between two requests if the person wants to stop. */
  readonly throwIfStopped: () => void;
}

/** LiteLLM wants its keys to begin with sk-; this one belongs to nobody. */
const wrongKey = new Secret('sk-drill-a-key-of-nobody');
const mostTries = 3;
const pauseMs = 1500;
const besideMs = 500;

/** What is known while cases are tried. */
interface Run extends CaseRun {
  readonly cases: readonly DrillCase[];
  readonly prices: ReadonlyMap<string, PriceList>;
  readonly done: CaseResult[];
  /** How the local model or the cloud behaves now; undefined when that is not known. */
  staged: DrillCase['stage'];
  /** Milliseconds of each direct request to the fallback, its connection open. */
  readonly directMs: number[];
}

/** Tries one case after the other. A promise that held too late gets another chance: a cloud may be slow once. */
export async function tryCases(cases: readonly DrillCase[], trying: CaseRun): Promise<readonly CaseResult[]> {
  const prices = await modelPrices(trying.probe, trying.url, trying.key);
  const run: Run = { ...trying, cases, prices, done: [], staged: 'answers', directMs: [] };
  for (const drilled of cases) {
    trying.throwIfStopped();
    const tried = await trying.busy(drilled, tryOne(drilled, run));
    run.done.push(tried);
    trying.tell(tried);
  }
  return run.done;
}

async function tryOne(drilled: DrillCase, run: Run): Promise<CaseResult> {
  const reason = neededBefore(drilled, run) ?? (await notStaged(drilled, run));
  if (reason !== undefined) return { drilled, outcome: 'skipped', happened: `not tried: ${reason}` };
  await pause(drilled.afterMs ?? 0);
  const { exchange, verdict, sent } = await asked(drilled, run);
  if (drilled.baseline === true && exchange.whole) run.directMs.push(exchange.ms);
  const cost = costOf(sent, run.prices);
  const shown = { drilled, happened: verdict.happened, exchange, ...given({ addedMs: verdict.addedMs, cost }) };
  if (verdict.held) return { ...shown, outcome: 'held' };
  // The promise that a cloud answers has an end that the person set.
  if (exchange.atCeiling) return { ...shown, outcome: 'skipped', happened: 'not asked: the ceiling is reached' };
  if (drilled.optional === true) return { ...shown, outcome: 'noted' };
  return { ...shown, outcome: 'broken', problem: causeOf(drilled, verdict, exchange, run.clues) };
}

/** The requests sent alongside a case that are under way. */
async function begun({ beside = [] }: DrillCase, run: CaseRun): Promise<readonly Promise<unknown>[]> {
  const others: Promise<unknown>[] = [];
  for (const request of beside) {
    others.push(exchangeMessages(run.probe, run.url, run.key, request));
    await pause(besideMs);
  }
  return others;
}

function neededBefore({ needs }: DrillCase, { done }: Run): string | undefined {
  const before = done.find(({ drilled: { id } }) => id === needs);
  return before === undefined || before.outcome === 'held' ? undefined : `see ${before.drilled.title.trim()}`;
}

/** Makes the local model behave as the case wants; the reason when it does not. */
async function notStaged({ stage }: DrillCase, run: Run): Promise<string | undefined> {
  if (stage === undefined || stage === run.staged) return undefined;
  run.staged = undefined;
  try {
    await run.stage?.(stage);
  } catch (error) {
    if (!(error instanceof EffectFailed)) throw error;
    return error.output.at(-1) ?? error.message;
  }
  run.staged = stage;
  return undefined;
}

interface Asked {
  readonly exchange: GatewayExchange;
  readonly verdict: Verdict;
}

/** Asks until it holds, or as often as the promise allows: the last answer, and everything that came. */
async function asked(drilled: DrillCase, run: Run): Promise<Asked & { readonly sent: readonly GatewayExchange[] }> {
  const started = performance.now();
  const sent: GatewayExchange[] = [];
  for (;;) {
    const one = await ask(drilled, run, started);
    sent.push(one.exchange);
    if (one.verdict.held || sent.length === mostTries || !mayYetHold(drilled, one)) return { ...one, sent };
    run.throwIfStopped();
    if (isComingBack(drilled)) await pause(pauseMs);
    else await measureAgain(run);
  }
}

async function ask(drilled: DrillCase, run: Run, started: number): Promise<Asked> {
  const one = await send(drilled, run);
  // For something that may take a while to come back, the whole time counts.
  const exchange = isComingBack(drilled) ? { ...one, ms: performance.now() - started } : one;
  return { exchange, verdict: verdictOn(drilled, exchange, Math.max(0, ...run.directMs)) };
}

function isComingBack({ promised }: DrillCase): boolean {
  return promised.kind === 'answer' && promised.within !== undefined;
}

function mayYetHold({ promised }: DrillCase, { exchange, verdict }: Asked): boolean {
  if (promised.kind === 'answer') return exchange.ms < (promised.within ?? 0);
  return promised.kind === 'failover' && verdict.late === true;
}

async function measureAgain(run: Run): Promise<void> {
  const direct = run.cases.find(({ baseline }) => baseline === true);
  if (direct === undefined) return;
  const { whole, ms } = await send(direct, run);
  if (whole) run.directMs.push(ms);
}

async function send(drilled: DrillCase, run: CaseRun): Promise<GatewayExchange> {
  const { probe, url, key } = run;
  const shown = { ours: key, none: undefined, wrong: wrongKey }[drilled.key];
  const others = await begun(drilled, run);
  const exchange = await exchangeMessages(probe, url, shown, drilled.request);
  await Promise.all(others);
  return exchange;
}

/** Errors, the local model and the fault server are free. */
function costOf(sent: readonly GatewayExchange[], prices: ReadonlyMap<string, PriceList>): number | undefined {
  const costs = sent.map(({ modelId, usage, status }) => {
    if (status !== 200 || backendOfId(modelId) === 'local' || isCopy(modelId ?? '')) return 0;
    const price = prices.get(modelId ?? '');
    return price === undefined || usage === undefined ? Number.NaN : (dollarsFor(price, usage) ?? Number.NaN);
  });
  const sum = costs.reduce((total, cost) => total + cost, 0);
  return Number.isNaN(sum) ? undefined : sum;
}
