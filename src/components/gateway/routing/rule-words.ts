import type { RequestKind, Rule } from '../../../config/rules.ts';
import type { Unmet } from './rules.ts';

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
