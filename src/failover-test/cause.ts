import { LOCAL, LOCAL_ONLY } from '../components/gateway/models.ts';
import type { GatewayExchange } from '../components/gateway/requests/exchange.ts';
import { type Problem, problemOf } from '../problem.ts';
import type { ProblemCode } from '../problem-codes/index.ts';
import type { DrillCase } from './cases/drill-case.ts';
import type { Verdict } from './verdict.ts';

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
  /** The image that is being tried, where it is not the running gateway's: then that is what may be at fault. */
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
