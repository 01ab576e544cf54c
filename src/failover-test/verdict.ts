import { backendOfId, LOCAL, LOCAL_ONLY, shownId } from '../components/gateway/models.ts';
import type { GatewayExchange } from '../components/gateway/requests/exchange.ts';
import { type Problem, problemOf } from '../problem.ts';
import type { ProblemCode } from '../problem-codes/index.ts';
import type { DrillCase, Promised } from './drill-case.ts';

/** Whether a promise held, and what happened in a few words. */
export interface Verdict {
  readonly held: boolean;
  /** The right answer, too late: worth another try, since a cloud may have been slow once. */
  readonly late?: true;
  readonly happened: string;
  /** Milliseconds beyond what the fallback takes by itself. */
  readonly addedMs?: number;
  /** If it did not hold: what that means. */
  readonly problem?: string;
}

/** The words that make Claude Code compact a conversation. */
const compactWords = /prompt is too long/i;

/** Judges an exchange by the gateway's evidence. `baselineMs` is what the fallback took when it was asked directly. */
export function verdictOn(drilled: DrillCase, exchange: GatewayExchange, baselineMs = 0): Verdict {
  const { promised, title, when, request } = drilled;
  const what = when === undefined ? `(${title})` : `when ${when}`;
  const about: About = { what, name: String(request.body['model']), exchange };
  switch (promised.kind) {
    case 'answer':
      return onAnswer(about, promised);
    case 'failover':
      return onFailover(about, promised, baselineMs);
    case 'error':
      return onError(about, promised);
    case 'never-cloud':
      return onNeverCloud(about, promised);
    case 'broken-off':
      return onBrokenOff(about);
    case 'cloud-error':
      return onCloudError(about, promised);
    case 'turned-away':
      return onTurnedAway(about, promised);
  }
}

interface About {
  readonly what: string;
  /** The name that was asked for. */
  readonly name: string;
  readonly exchange: GatewayExchange;
}

type Kind<Name extends Promised['kind']> = Promised & { readonly kind: Name };

function onAnswer({ name, exchange }: About, { by, toolCalls, within }: Kind<'answer'>): Verdict {
  const happened = told(exchange);
  if (!exchange.whole) return broken(happened, `${name} gave no answer: ${happened}`);
  if (exchange.modelId !== by)
    return broken(happened, `${name} was answered by ${answerer(exchange)} instead of ${shownId(by)}`);
  if (toolCalls !== undefined && exchange.toolCalls < toolCalls) {
    const made = `${exchange.toolCalls} of ${toolCalls} tool calls`;
    return broken(made, `the local model made ${made} where Claude Code needs them`);
  }
  if (within !== undefined && exchange.ms > within)
    return late(happened, `${name} took ${seconds(exchange.ms)} instead of ${seconds(within)}`);
  return held(toolCalls === undefined ? happened : `${happened}, ${exchange.toolCalls} called`);
}

function onFailover({ what, name, exchange }: About, { to, added }: Kind<'failover'>, baselineMs: number): Verdict {
  const happened = told(exchange);
  if (!exchange.whole || exchange.modelId !== to)
    return broken(happened, `${shownId(to)} did not take over from ${name} ${what}: ${happened}`);
  const addedMs = Math.max(0, exchange.ms - baselineMs);
  if (addedMs <= added) return { ...held(happened), addedMs };
  const problem = `${shownId(to)} took over from ${name} ${what} ${seconds(addedMs)} late; ${seconds(added)} was promised`;
  return { ...late(happened, problem), addedMs };
}

function onError({ what, name, exchange }: About, { within, compact, consented }: Kind<'error'>): Verdict {
  const leaked = leakOf(exchange);
  const happened = told(exchange);
  if (leaked !== undefined && consented === true)
    return broken(happened, `${name} went to ${leaked} ${what}; you chose to let Claude Code compact instead`);
  if (leaked !== undefined) return leaks(name, what, leaked);
  if (exchange.whole) return broken(happened, `${name} was answered ${what}, where nothing could answer`);
  if (exchange.ms > within || exchange.status === undefined) return tooLong(name, what, exchange, within);
  if (compact === true && !compactWords.test(exchange.error ?? '')) {
    const problem = `${name} is refused ${what} in words that Claude Code does not understand, and so it gives up: ${happened}`;
    return broken(happened, problem);
  }
  return held(compact === true ? 'told to compact' : happened);
}

function onNeverCloud({ what, name, exchange }: About, { within }: Kind<'never-cloud'>): Verdict {
  const leaked = leakOf(exchange);
  if (leaked !== undefined) return leaks(name, what, leaked);
  if (exchange.whole) return held(told(exchange));
  if (exchange.ms > within || exchange.status === undefined) return tooLong(name, what, exchange, within);
  return held(`refused (${exchange.status}), no cloud asked`);
}

function onBrokenOff({ name, exchange }: About): Verdict {
  const leaked = leakOf(exchange);
  const happened = told(exchange);
  if (leaked !== undefined)
    return broken(happened, `${leaked} answered, where an answer from ${name} had begun and broken off`);
  if (exchange.whole)
    return broken('half an answer, and no error', `half an answer from ${name} passes for a whole one`);
  if (exchange.error === undefined) return broken(happened, `${name} breaks off in the middle, and no error says so`);
  return held('error reported, no takeover');
}

function onCloudError({ what, name, exchange }: About, { status, type, retryAfter }: Kind<'cloud-error'>): Verdict {
  const happened = told(exchange);
  if (exchange.whole)
    return broken(happened, `${name} was answered by ${answerer(exchange)} ${what}, which you did not agree to`);
  const { status: got, errorType, retryAfter: after } = exchange;
  if (got === status && errorType === type && after === retryAfter) return held(`passed on as it is (${status})`);
  const seen = `status ${got ?? 'none'}, ${errorType ?? 'no type'}, retry-after ${after ?? 'none'}`;
  return broken(happened, `what the cloud says ${what} is changed on its way to the client: ${seen}`);
}

function onTurnedAway({ what, exchange }: About, { statuses }: Kind<'turned-away'>): Verdict {
  const { modelId, status } = exchange;
  if (modelId === undefined && status !== undefined && statuses.includes(status)) return held(`refused (${status})`);
  return broken(told(exchange), `a request ${what} was not turned away: ${told(exchange)}`);
}

function held(happened: string): Verdict {
  return { held: true, happened };
}

function broken(happened: string, problem: string): Verdict {
  return { held: false, happened, problem };
}

function late(happened: string, problem: string): Verdict {
  return { ...broken(happened, problem), late: true };
}

/** The cloud that was asked, whether it answered or not. */
function leakOf({ modelId, status }: GatewayExchange): string | undefined {
  const backend = backendOfId(modelId);
  // A deployment without an id of ours is not one that we know, and not the local model's.
  if (backend === 'local' || (backend === undefined && status !== 200)) return undefined;
  return modelId ?? 'an unnamed deployment';
}

function leaks(name: string, what: string, to: string): Verdict {
  const problem = `LEAK: a request to ${name} ${what} left for ${to}; it must never leave your network`;
  return broken(`answered by ${to}`, problem);
}

function tooLong(name: string, what: string, exchange: GatewayExchange, within: number): Verdict {
  return late(told(exchange), `${name} was not refused within ${seconds(within)} ${what}: ${told(exchange)}`);
}

function told(exchange: GatewayExchange): string {
  if (exchange.whole) return answerer(exchange);
  if (exchange.status === undefined) return `no answer in ${seconds(exchange.ms)}`;
  const error = exchange.error === undefined ? '' : `, "${shortened(exchange.error)}"`;
  return exchange.status === 200 ? `broke off${error}` : `${exchange.status}${error}`;
}

function answerer({ modelId }: GatewayExchange): string {
  return shownId(modelId ?? 'an unnamed deployment');
}

/** Without LiteLLM's own words around it, and short enough for a sentence. */
function shortened(error: string): string {
  const own = error
    .replace(/^((litellm\.)?(\w*(Error|Exception)|Timeout|Timeout Error)( -|:) )+/, '')
    .replace(/\s*(Received Model Group=|LiteLLM: ).*$/s, '');
  return own.length > 90 ? `${own.slice(0, 89)}…` : own;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** What was found out on the machine that can explain a promise that does not hold. */
export interface Hints {
  /** Parts of the gateway that are not as the answers want them, by name. */
  readonly drift: readonly string[];
  /** Who takes over from the two local names, says config.yaml. */
  readonly fallbacks: { readonly local: readonly string[]; readonly strict: readonly string[] };
  readonly configPath: string;
  readonly containerName: string;
  /** Why the local model's server cannot be used; undefined when it can. */
  readonly local: Problem | undefined;
  /** The image that is being tried, if it is not the running gateway's: then it may be at fault. */
  readonly candidate?: string;
}

/** What is wrong and what to type, for a promise that did not hold. */
export function causeOf(tried: DrillCase, verdict: Verdict, exchange: GatewayExchange, clues: Hints): Problem {
  const problem = verdict.problem ?? `${tried.title} did not keep its promise`;
  const asked = tried.request.body['model'];
  if (tried.part === 'gateway' && asked === LOCAL && clues.local !== undefined) {
    return { ...problemOf(clues.local), problem: `${problem}. ${clues.local.problem}` };
  }
  if (tried.promised.kind === 'answer' && tried.promised.toolCalls !== undefined && exchange.whole) {
    return {
      code: 'model-unfit',
      problem,
      fix: 'try again; if it persists, choose a model that is trained for tool use:  claude-routing-install --ask',
    };
  }
  const because = (code: ProblemCode, fix: string): Problem => ({ code, problem, fix });
  const edited = editedFallbacks(tried, exchange, clues);
  if (edited !== undefined) return because('edited-by-hand', edited);
  // A cloud that does not answer has its own reasons; the gateway's client knows them by their words.
  if (tried.promised.kind === 'answer' && exchange.problem !== undefined && asked !== LOCAL) return exchange.problem;
  if (clues.drift.length > 0) return because('edited-by-hand', driftFix(clues));
  if (verdict.late === true) return because('timed-out', tryAgain);
  if (clues.candidate !== undefined) return because('failover-broken', candidateFix(clues.candidate));
  if (tried.part === 'gateway')
    return because('failover-broken', `see what the gateway says:  docker logs --tail 20 ${clues.containerName}`);
  return because('failover-broken', reportIt);
}

const tryAgain = 'is this machine, or the connection to the cloud, busy? Try again:  claude-routing-install drill';
const reportIt =
  'the gateway’s files are as they should be, so this is a fault of the program or of the model: send what  claude-routing-install drill --yes --json  says with your report';

function editedFallbacks(tried: DrillCase, exchange: GatewayExchange, clues: Hints): string | undefined {
  const { promised } = tried;
  const again = 'correct it:  claude-routing-install';
  if (promised.kind === 'failover' && !exchange.whole && clues.fallbacks.local.length === 0) {
    return `${clues.configPath} gives ${LOCAL} no fallback; ${again}`;
  }
  if (tried.request.body['model'] === LOCAL_ONLY && clues.fallbacks.strict.length > 0) {
    return `${clues.configPath} gives ${LOCAL_ONLY} the fallback ${clues.fallbacks.strict.join(', ')}; ${again}`;
  }
  return undefined;
}

/** What to type when an image that is being tried breaks a promise. */
function candidateFix(image: string): string {
  return `does it hold through the running one?  claude-routing-install drill  If so, ${image} is at fault: wait for the next release of LiteLLM`;
}

/** What to type when files or settings of the gateway are not what the answers ask for. */
function driftFix({ drift }: Pick<Hints, 'drift'>): string {
  const what = drift.join(', ');
  return `not what your answers say: ${what}. See the difference:  claude-routing-install plan --verbose   Correct it:  claude-routing-install`;
}
