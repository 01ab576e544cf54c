import { createHash } from 'node:crypto';
import type { RequestKind, Rule } from '../../../config/rules.ts';
import type { Answers } from '../../../config/schema.ts';
import type { Problem } from '../../../problem.ts';
import { backendOfId, gatewayModels, LOCAL, localNames } from '../models.ts';

/** A rule as the gateway gets it. */
export interface GatewayRule {
  readonly name: string;
  /** `directory` is the mark that a launcher sends, not the path. */
  readonly when: Rule['when'];
  readonly model: string;
  /** Its model is a cloud model, so the rule does not apply to requests that have to stay local. */
  readonly cloud: boolean;
}

/** What rules look at. */
export interface RuledRequest {
  readonly kinds: readonly RequestKind[];
  /** Claude Code's name for a subagent; of one's own `custom`, and where the gateway knows its name `custom/NAME`. */
  readonly agent: string | null;
  readonly launcher: string | null;
  /** Marks of the folders of rules in which the session was started. */
  readonly directories: readonly string[];
  /** About how many tokens the prompt has. */
  readonly tokens: number;
  /** It must not go to a cloud. */
  readonly staysHome: boolean;
}

/** The rules for the gateway, together with what it could not know about them. */
export function gatewayRules(answers: Answers): readonly GatewayRule[] {
  const models = gatewayModels(answers);
  return answers.routing.rules.map(({ name, when: { directory, ...when }, model }) => ({
    name,
    when: { ...when, ...(directory === undefined ? {} : { directory: directoryMark(directory) }) },
    model,
    cloud: models.find((one) => one.name === model)?.backend.kind !== 'local',
  }));
}

/** The environment variable that `templates/gateway/routing_rules.py` reads. */
export function rulesForGateway(answers: Answers): string {
  return JSON.stringify({ mayLeaveHome: mayLeaveHome(answers), rules: gatewayRules(answers) });
}

/** Whether a rule may send a request that names the local model to a cloud: only if a cloud may take over from it. */
export function mayLeaveHome({ failover }: Answers): boolean {
  return failover.allowed !== false;
}

/** Whether no rule may send a request for this name or id to a cloud. A marked session's requests are not redirected at all. */
export function staysHome(answers: Answers, asked: string): boolean {
  const isLocal = localNames.includes(asked) || backendOfId(asked) === 'local';
  return isLocal && !(asked === LOCAL && mayLeaveHome(answers));
}

/** The first rule that fits; undefined when none does. `fits` of routing_rules.py decides alike. */
export function ruleFor(rules: readonly GatewayRule[], request: RuledRequest): GatewayRule | undefined {
  return rules.find((rule) => unmet(rule, request) === undefined);
}

/** What a rule asks for and a request does not have; `home`: it must not go to the rule's cloud. */
type Unmet = keyof Rule['when'] | 'home';

/** The first condition of a rule that does not hold; undefined when the rule fits. */
export function unmet({ when, cloud }: GatewayRule, request: RuledRequest): Unmet | undefined {
  const holds: readonly (readonly [Unmet, boolean])[] = [
    ['home', !(cloud && request.staysHome)],
    ['kind', when.kind === undefined || request.kinds.includes(when.kind)],
    ['agent', when.agent === undefined || (request.agent ?? '').split('/').includes(when.agent)],
    ['launcher', when.launcher === undefined || when.launcher === request.launcher],
    ['directory', when.directory === undefined || request.directories.includes(when.directory)],
    ['largerThan', when.largerThan === undefined || request.tokens > when.largerThan],
    ['smallerThan', when.smallerThan === undefined || request.tokens < when.smallerThan],
  ];
  return holds.find(([, held]) => !held)?.[0];
}

/** How a launcher tells the gateway that it was started in a folder of a rule: nobody else needs to know the path. */
export function directoryMark(directory: string): string {
  return `in-${createHash('sha256').update(directory).digest('hex').slice(0, 8)}`;
}

/** The folders that rules name, and the sealed ones, each once, with its mark. */
export function ruledDirectories({ routing }: Answers): readonly { readonly path: string; readonly mark: string }[] {
  const paths = routing.rules.flatMap(({ when: { directory } }) => directory ?? []);
  return [...new Set([...paths, ...routing.sealed])].map((path) => ({ path, mark: directoryMark(path) }));
}

/** The first rule that leads to a model which the gateway does not have. */
export function rulesProblem(answers: Answers): Problem | undefined {
  const names = gatewayModels(answers).map(({ name }) => name);
  const rule = answers.routing.rules.find(({ model }) => !names.includes(model));
  if (rule === undefined) return undefined;
  return {
    code: 'model-not-at-gateway',
    problem: `the rule ${rule.name} of routing.rules leads to ${rule.model}, which is not a model of the gateway`,
    fix: `give it one of: ${names.join(', ')}`,
  };
}

/** What a kind is called in a sentence. */
export const kindWords: Readonly<Record<RequestKind, string>> = {
  title: 'titles',
  background: 'background requests of Claude Code',
  subagent: 'subagents',
  plan: 'turns in plan mode',
  compaction: 'summaries of a conversation',
  'web-search': 'web searches',
  image: 'turns with an image',
  'tool-result': 'turns with the result of a tool',
};

/** Why a rule does not fit; completes "no, because …". */
export const unmetWords: Readonly<Record<Unmet, string>> = {
  home: 'this request must stay local',
  kind: 'it is of another kind',
  agent: 'it is not from that subagent',
  launcher: 'it is from another launcher',
  directory: 'the session started elsewhere',
  largerThan: 'it is not larger',
  smallerThan: 'it is not smaller',
};

/** A rule in words, without its name. */
export function ruleWords({ when, model }: Pick<Rule, 'when' | 'model'>): string {
  return `${conditionWords(when)} → ${model}`;
}

function conditionWords({ kind, agent, largerThan, smallerThan, launcher, directory }: Rule['when']): string {
  const conditions = [
    ...(kind === undefined || (kind === 'subagent' && agent !== undefined) ? [] : [kindWords[kind]]),
    ...(agent === undefined ? [] : [`the subagent ${agent}`]),
    ...(largerThan === undefined ? [] : [`more than ${tokens(largerThan)}`]),
    ...(smallerThan === undefined ? [] : [`fewer than ${tokens(smallerThan)}`]),
    ...(launcher === undefined ? [] : [`of ${launcher}`]),
    ...(directory === undefined ? [] : [`started in ${directory}`]),
  ];
  return conditions.length === 0 ? 'everything else' : conditions.join(', ');
}

function tokens(count: number): string {
  return `${count.toLocaleString('en-US')} tokens`;
}
