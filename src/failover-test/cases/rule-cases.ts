import { cloudModels, LOCAL, LOCAL_ONLY, mainModel } from '../../components/gateway/models.ts';
import {
  directoryMark,
  type GatewayRule,
  gatewayRules,
  mayLeaveHome,
  type RuledRequest,
  ruleFor,
} from '../../components/gateway/routing/rules.ts';
import type { RequestKind } from '../../config/rules.ts';
import type { Answers } from '../../config/schema.ts';
import { deploymentIdOf, localIds } from '../deployment-id.ts';
import { ruled } from '../question.ts';
import type { DrillCase } from './drill-case.ts';

/** What the requests of these cases have, in tokens: fewer. */
const small = 400;
/** An image or a search costs more than a promise is worth, and not every account may search. */
const dear: readonly RequestKind[] = ['image', 'web-search'];

/** That a rule decides, for every one that a small request fits. */
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

/** Another name than the rule's own, where there is one that it may lead away from. */
function askedFor(answers: Answers, { model, cloud }: GatewayRule, by: string): string {
  const local = cloud && !mayLeaveHome(answers) ? [] : [LOCAL];
  const names = [mainModel(answers), ...cloudModels(answers).map((one) => one.model.name), ...local];
  const usable = names.filter((name) => name !== LOCAL_ONLY || !cloud);
  return usable.find((name) => deploymentIdOf(answers, name) !== by) ?? model;
}
