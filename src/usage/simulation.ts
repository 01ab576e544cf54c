import { backendOfId, gatewayModels } from '../components/gateway/models.ts';
import type { LoggedRequest } from '../components/gateway/request-log.ts';
import { dollarsFor, type PriceList } from '../components/gateway/requests/prices.ts';
import { type GatewayRule, gatewayRules, ruleFor, staysHome } from '../components/gateway/routing/rules.ts';
import { sealedRule } from '../config/rules.ts';
import type { Answers } from '../config/schema.ts';
import { counted } from '../text/counted.ts';
import { dim, type Line, plain, strong } from '../ui/wording.ts';
import { dollars, isTrial } from './sums.ts';
import type { UsedBackend } from './usage.ts';
import { backendNames, costWords, table, tokens, type UsagePeriod } from './words.ts';

/** What requests came to. `unpriced` of them have no known price. */
interface Came {
  readonly requests: number;
  /** Prompts and answers. */
  readonly tokens: number;
  /** US dollars. */
  readonly cost: number;
  readonly unpriced: number;
}

/** The same requests as they went, and as they would have gone. */
interface Compared {
  readonly was: Came;
  readonly would: Came;
}

/** What a set of rules would have done with requests that were answered. */
export interface Simulation {
  readonly requests: number;
  /** Would have gone to another model. */
  readonly moved: number;
  /** Of these, those whose prompt is larger than the local window; undefined where that is not known. */
  readonly tooLarge: number | undefined;
  /** Nobody answered them, so nobody knows how large their answers would have been. */
  readonly unanswered: number;
  /** Their lines are from before kinds were logged. */
  readonly withoutKinds: number;
  /** Rules with a folder in which no session of the log is known to have started: the log knows the folders of rules of its time. */
  readonly unknownFolders: readonly string[];
  readonly backends: readonly (Compared & { readonly backend: UsedBackend })[];
  /** In order; null: no rule fits. */
  readonly rules: readonly (Compared & {
    readonly rule: string | null;
    readonly requests: number;
    readonly moved: number;
    readonly tooLarge: number | undefined;
  })[];
}

/** What is kept free for an answer, in tokens; as in templates/gateway/cloud/cloud_turns.py. */
const shortestAnswer = 1024;

type Sum = { -readonly [Key in keyof Came]: Came[Key] };
interface Pair {
  readonly was: Sum;
  readonly would: Sum;
}
interface RuleSum extends Pair {
  requests: number;
  moved: number;
  tooLarge: number;
}

/** Adds up what rules would have done, request by request. */
export class RuleSimulation {
  readonly #answers: Answers;
  readonly #rules: readonly GatewayRule[];
  readonly #prices: ReadonlyMap<string, PriceList>;
  readonly #ids: ReadonlyMap<string, string>;
  readonly #backends = new Map<UsedBackend, Pair>();
  readonly #byRule: Map<string | null, RuleSum>;
  readonly #seenFolders = new Set<string>();
  #unanswered = 0;
  #withoutKinds = 0;

  /** `prices` by deployment id. */
  constructor(answers: Answers, prices: ReadonlyMap<string, PriceList>) {
    this.#answers = answers;
    this.#rules = gatewayRules(answers);
    this.#prices = prices;
    const models = gatewayModels(answers);
    const whole = (name: string): string =>
      models.find((one) => one.name === (models.find((other) => other.name === name)?.aliasOf ?? name))?.id ?? name;
    // Short forms are deployments of their own, and the same model.
    this.#ids = new Map(models.flatMap(({ name, id }) => [[name, whole(name)] as const, [id, whole(name)] as const]));
    this.#byRule = new Map([...this.#rules.map(({ name }) => name), null].map((name) => [name, ruleSum()]));
  }

  add(request: LoggedRequest): void {
    if (isTrial(request)) return;
    if (request.answered === null || request.asked === null) {
      this.#unanswered += 1;
      return;
    }
    if (request.size === null) this.#withoutKinds += 1;
    for (const mark of request.directories) this.#seenFolders.add(mark);
    // No rule leads out what a sealed folder keeps at home.
    const stays = request.rule === sealedRule;
    const rule = stays ? undefined : this.#ruleFor(request, request.asked);
    const target = stays ? request.answered : (rule?.model ?? request.asked);
    this.#compare(request, request.answered, rule, this.#idOf(target));
  }

  #ruleFor(request: LoggedRequest, asked: string): GatewayRule | undefined {
    if (request.launcher === 'claude-offline') return undefined;
    return ruleFor(this.#rules, {
      ...request,
      tokens: request.size ?? request.promptTokens,
      staysHome: staysHome(this.#answers, asked),
    });
  }

  #compare(request: LoggedRequest, answered: string, rule: GatewayRule | undefined, target: string): void {
    const sums = this.#byRule.get(rule?.name ?? null) ?? ruleSum();
    const tokens = request.promptTokens + request.outputTokens;
    // Who stood in for the model that would have been asked would have stood in again.
    const moved = target !== this.#idOf(answered) && target !== this.#idOf(request.from ?? '');
    const from = backendOfId(answered) ?? 'other';
    const to = moved ? (backendOfId(target) ?? 'other') : from;
    const cost = moved ? this.#costAt(target, request) : request.cost;
    for (const sum of [sums.was, this.#backend(from).was]) addTo(sum, tokens, request.cost);
    for (const sum of [sums.would, this.#backend(to).would]) addTo(sum, tokens, cost);
    sums.requests += 1;
    if (!moved) return;
    sums.moved += 1;
    const { contextWindow } = this.#answers.localModel;
    if (to === 'local' && contextWindow !== undefined && request.promptTokens + shortestAnswer > contextWindow)
      sums.tooLarge += 1;
  }

  /** Null where a price is not known. As much is taken to come from a cache, and to be put there, as did. */
  #costAt(id: string, request: LoggedRequest): number | null {
    if (backendOfId(id) === 'local') return 0;
    const { promptTokens, cachedTokens: cacheRead, writtenTokens, hourTokens, outputTokens: output } = request;
    const written = { cacheWrite: writtenTokens - hourTokens, cacheWriteForAnHour: hourTokens };
    const input = promptTokens - cacheRead - writtenTokens;
    return dollarsFor(this.#prices.get(id) ?? {}, { input, cacheRead, ...written, output }) ?? null;
  }

  #backend(name: UsedBackend): Pair {
    const known = this.#backends.get(name) ?? { was: nothing(), would: nothing() };
    this.#backends.set(name, known);
    return known;
  }

  #idOf(nameOrId: string): string {
    return this.#ids.get(nameOrId) ?? nameOrId;
  }

  /** What all of it came to. */
  result(): Simulation {
    const known = this.#answers.localModel.contextWindow !== undefined;
    const rules = [...this.#byRule].map(([rule, { was, would, tooLarge, ...numbers }]) => {
      return { rule, ...numbers, tooLarge: known ? tooLarge : undefined, was: rounded(was), would: rounded(would) };
    });
    const sum = (of: (row: RuleSum) => number): number =>
      [...this.#byRule.values()].reduce((all, row) => all + of(row), 0);
    return {
      requests: sum(({ requests }) => requests),
      moved: sum(({ moved }) => moved),
      tooLarge: known ? sum(({ tooLarge }) => tooLarge) : undefined,
      unanswered: this.#unanswered,
      withoutKinds: this.#withoutKinds,
      unknownFolders: this.#rules
        .filter(({ when: { directory } }) => directory !== undefined && !this.#seenFolders.has(directory))
        .map(({ name }) => name),
      backends: [...this.#backends]
        .map(([backend, { was, would }]) => ({ backend, was: rounded(was), would: rounded(would) }))
        .sort((one, other) => other.was.requests - one.was.requests),
      rules,
    };
  }
}

function nothing(): Sum {
  return { requests: 0, tokens: 0, cost: 0, unpriced: 0 };
}

function ruleSum(): RuleSum {
  return { requests: 0, moved: 0, tooLarge: 0, was: nothing(), would: nothing() };
}

function addTo(sum: Sum, tokens: number, cost: number | null): void {
  sum.requests += 1;
  sum.tokens += tokens;
  sum.cost += cost ?? 0;
  if (cost === null) sum.unpriced += 1;
}

function rounded(sum: Sum): Came {
  return { ...sum, cost: dollars(sum.cost) };
}

/** The screen of `routing simulate`. */
export function simulationLines(found: Simulation, { days, from, to, timeZone }: UsagePeriod): readonly Line[] {
  const when = days === 1 ? 'Today' : `Last ${days} days`;
  const large = found.tooLarge ? `; ${found.tooLarge} of them do not fit the local window` : '';
  return [
    strong(`${when}: ${found.moved} of ${counted(found.requests, 'request')} would have gone to another model${large}`),
    dim(`${from} to ${to}, days of ${timeZone}`),
    ...table(
      'By backend, as it was → with these rules',
      found.backends.map((row) => [backendNames[row.backend], comparedWords(row)]),
    ),
    ...table(
      'By rule',
      found.rules.map((row) => [row.rule ?? 'none fits', ruleWords(row)]),
    ),
    ...notes(found).flatMap((note) => [plain(''), dim(note)]),
  ];
}

function comparedWords({ was, would }: Compared): string {
  return `${cameWords(was)} → ${cameWords(would)}`;
}

function cameWords(came: Came): string {
  const paid = came.cost === 0 && came.unpriced === 0 ? '' : `, ${costWords(came)}`;
  return `${counted(came.requests, 'request')}, ${tokens(came.tokens)} tokens${paid}`;
}

function ruleWords({ requests, moved, tooLarge, was, would }: Simulation['rules'][number]): string {
  if (requests === 0) return 'nothing';
  const costs = moved === 0 ? '' : `, ${costWords(was)} → ${costWords(would)}`;
  const large = tooLarge ? `; ${tooLarge} too large for the local window` : '';
  return `${counted(requests, 'request')}, ${moved} to another model${costs}${large}`;
}

function notes({ unanswered, withoutKinds, unknownFolders, tooLarge, moved }: Simulation): readonly string[] {
  return [
    ...(moved === 0
      ? []
      : [
          'Dollars follow the gateway’s price list and assume the cache reads and writes of the log; for a local answer, those that your client would ask of a cloud. How good another model’s answers would have been, the log cannot tell.',
        ]),
    ...(tooLarge === undefined ? ['The local window is not known:  --set localModel.contextWindow=TOKENS'] : []),
    ...(unanswered === 0 ? [] : [`Left out: ${counted(unanswered, 'request')} that nobody answered`]),
    ...(withoutKinds === 0
      ? []
      : [`${counted(withoutKinds, 'request')} are from before 1.2, whose log has no kinds, subagents or folders`]),
    ...(unknownFolders.length === 0
      ? []
      : [
          `No session is known to have started in the folder of: ${unknownFolders.join(', ')}. The log knows only folders that rules named at the time.`,
        ]),
  ];
}
