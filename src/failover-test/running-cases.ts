import { cloudModels, failoverTarget, LOCAL, LOCAL_ONLY, mainModel } from '../components/gateway/models.ts';
import {
  directoryMark,
  type GatewayRule,
  gatewayRules,
  mayLeaveHome,
  type RuledRequest,
  ruleFor,
} from '../components/gateway/routing/rules.ts';
import type { RequestKind } from '../config/rules.ts';
import type { Answers } from '../config/schema.ts';
import type { DrillCase, Promised } from './drill-case.ts';
import { deploymentIdOf, localIds } from './fault.ts';
import { brief, content, likeClaudeCode, markedLocalOnly, plain, ruled, toolUse } from './question.ts';

/** What has to work through the running gateway. */
export function runningCases(answers: Answers): readonly DrillCase[] {
  const promised: Promised = { kind: 'answer', by: deploymentIdOf(answers, LOCAL) };
  const first = 'local-whole';
  const local = { ...running, promised, needs: first };
  const turnedAway = (...statuses: readonly number[]) =>
    ({ ...running, promised: { kind: 'turned-away', statuses }, request: plain(LOCAL_ONLY) }) as const;
  const [one, two] = [toolUse(LOCAL, 1), toolUse(LOCAL, 2)];
  return [
    { ...running, id: first, title: 'local', promised, request: plain(LOCAL) },
    { ...local, id: 'local-streamed', title: 'local, streamed', request: plain(LOCAL, true) },
    { ...local, id: 'local-tool', title: 'local, a tool call', promised: { ...promised, toolCalls: 1 }, request: one },
    {
      ...{ ...local, id: 'local-tools', title: 'local, parallel calls', needs: 'local-tool', optional: true },
      promised: { ...promised, toolCalls: 2 },
      request: two,
    },
    { ...local, id: 'local-system-turn', title: 'local, system turn', request: likeClaudeCode(LOCAL) },
    {
      ...{ ...running, id: 'strict', title: LOCAL_ONLY, request: plain(LOCAL_ONLY) },
      promised: { kind: 'never-cloud', within: 180_000 },
    },
    ...contentCases(answers),
    ...cloudCases(answers),
    ...ruleCases(answers),
    ...sealedCases(answers),
    { ...turnedAway(401, 403), id: 'no-key', title: 'no key', key: 'none' },
    { ...turnedAway(400, 401, 403), id: 'wrong-key', title: 'a wrong key', key: 'wrong' },
  ];
}

const running = { part: 'gateway', key: 'ours' } as const;

const contentTitles = {
  images: 'an image',
  longResult: 'a long result',
  hardSchema: 'a hard schema',
  serverTools: 'a server tool',
} as const;

/** By the strict name: by the other one, an image may go to the cloud if that was chosen. */
function contentCases(answers: Answers): readonly DrillCase[] {
  const kinds = Object.keys(contentTitles) as (keyof typeof contentTitles)[];
  return kinds.map((kind) => ({
    ...running,
    id: `local-${kind}`,
    title: `local, ${contentTitles[kind]}`,
    promised: { kind: 'answer', by: deploymentIdOf(answers, LOCAL_ONLY) },
    request: content(LOCAL_ONLY, kind),
    needs: 'strict',
  }));
}

function cloudCases(answers: Answers): readonly DrillCase[] {
  const names = cloudNames(answers);
  const [marked] = names;
  return [
    ...names.map(
      (name): DrillCase => ({
        ...running,
        id: `cloud:${name}`,
        title: name.slice(0, 21),
        promised: { kind: 'answer', by: deploymentIdOf(answers, name) },
        request: brief(name),
      }),
    ),
    ...(marked === undefined ? [] : markedRoutes.map((route) => markedCase(marked, route))),
  ];
}

interface MarkedRoute {
  readonly id: string;
  readonly title: string;
  readonly path?: string;
}

/** LiteLLM asks the cloud on each of these; its own hooks are called on the first one alone. */
const markedRoutes: readonly MarkedRoute[] = [
  { id: 'local-only-mark', title: 'marked local-only' },
  { id: 'local-only-count', title: '  counting its tokens', path: '/v1/messages/count_tokens' },
  { id: 'local-only-elsewhere', title: '  by another route', path: '/v1/responses/input_tokens' },
];

function markedCase(model: string, { id, title, path }: MarkedRoute): DrillCase {
  const request = markedLocalOnly(brief(model), path);
  return { ...running, id, title, promised: { kind: 'turned-away', statuses: [400, 403] }, request };
}

/** The cloud models to which requests really go: the foreground and what takes over. */
function cloudNames(answers: Answers): readonly string[] {
  const names = [mainModel(answers), failoverTarget(answers) ?? LOCAL];
  return [...new Set(names)].filter((name) => name !== LOCAL && name !== LOCAL_ONLY);
}

/**
 * That what names a file of a sealed folder is answered at home, whatever it asks for. The file is made up and is not there:
 * if the promise does not hold, nothing private was sent. It belongs to no session, so it seals none.
 */
function sealedCases(answers: Answers): readonly DrillCase[] {
  return answers.routing.sealed.map((folder, index) => {
    const asked = brief(mainModel(answers));
    const messages = [{ role: 'user', content: `Say: ready. Do not read ${folder}/canary-of-a-drill.txt` }];
    return {
      ...running,
      id: `sealed-${index}`,
      title: `sealed folder ${index + 1}`,
      promised: { kind: 'answer', by: deploymentIdOf(answers, LOCAL_ONLY) },
      request: { ...asked, body: { ...asked.body, messages } },
      needs: 'strict',
    };
  });
}

/** In tokens; the requests of these cases have fewer. */
const small = 400;
/** An image or a search costs more than a promise is worth, and not every account may search. */
const dear: readonly RequestKind[] = ['image', 'web-search'];

/** That a rule decides, for each one that a small request can match. */
export function ruleCases(answers: Answers): readonly DrillCase[] {
  const rules = gatewayRules(answers);
  const sealed = answers.routing.sealed.map(directoryMark);
  const open = rules.filter(({ when: { directory } }) => directory === undefined || !sealed.includes(directory));
  return open.filter((rule) => isTried(rule, rules)).map((rule) => ruleCase(answers, rule));
}

/** Whether some rules are not tried: `notCovered` says so. */
export function leavesRulesOut(answers: Answers): boolean {
  return ruleCases(answers).length < answers.routing.rules.length;
}

function isTried(rule: GatewayRule, rules: readonly GatewayRule[]): boolean {
  const { kind, largerThan } = rule.when;
  const isSmall = largerThan === undefined && (kind === undefined || !dear.includes(kind));
  return isSmall && ruleFor(rules, requestFor(rule)) === rule;
}

function requestFor({ when }: GatewayRule): RuledRequest {
  return {
    kinds: kindsOf(when.kind),
    agent: when.agent ?? null,
    launcher: when.launcher ?? 'drill',
    directories: when.directory === undefined ? [] : [when.directory],
    tokens: small,
    staysHome: false,
  };
}

function kindsOf(kind: RequestKind | undefined): readonly RequestKind[] {
  if (kind === undefined) return [];
  return kind === 'title' ? ['title', 'background'] : [kind];
}

function ruleCase(answers: Answers, rule: GatewayRule): DrillCase {
  const by = deploymentIdOf(answers, rule.model);
  return {
    part: 'gateway',
    key: 'ours',
    id: `rule:${rule.name}`,
    title: `rule ${rule.name}`.slice(0, 21),
    promised: { kind: 'answer', by },
    request: ruled(askedFor(answers, rule, by), rule.when),
    ...(localIds(answers).includes(by) ? { needs: rule.model === LOCAL_ONLY ? 'strict' : 'local-whole' } : {}),
  };
}

/** A name other than the rule's own from which the rule may redirect, if there is one. */
function askedFor(answers: Answers, { model, cloud }: GatewayRule, by: string): string {
  const local = cloud && !mayLeaveHome(answers) ? [] : [LOCAL];
  const names = [mainModel(answers), ...cloudModels(answers).map((one) => one.model.name), ...local];
  const usable = names.filter((name) => name !== LOCAL_ONLY || !cloud);
  return usable.find((name) => deploymentIdOf(answers, name) !== by) ?? model;
}
