import { describe, expect, it } from 'vitest';
import { routingProblem } from '../../../../src/components/gateway/routing/profiles.ts';
import {
  directoryMark,
  gatewayRules,
  type RuledRequest,
  ruledDirectories,
  ruleFor,
  rulesForGateway,
  staysHome,
} from '../../../../src/components/gateway/routing/rules.ts';
import type { Answers } from '../../../../src/config/schema.ts';
import { answersWith } from '../../../answers.ts';
import table from '../../../gateway/rule-cases.json' with { type: 'json' };

function withRules(rules: readonly object[], more: object = {}): Answers {
  const cloud = { anthropic: { models: { sonnet: 'claude-sonnet-4-6', haiku: 'claude-haiku-4-5' } } };
  const chosen: object = { routing: { rules } };
  return answersWith({ cloud, ...chosen, ...more });
}

describe('the first rule that fits', () => {
  it.each(table.cases as [string, Partial<RuledRequest>, string | null][])('%s', (_, more, expected) => {
    const rules = table.rules as Parameters<typeof ruleFor>[0];
    const request = { ...(table.request as unknown as RuledRequest), ...more };
    expect(ruleFor(rules, request)?.name ?? null).toBe(expected);
  });
});

describe('rules for the gateway', () => {
  it('say whether they lead to a cloud, and hold a mark in the place of a folder', () => {
    const rules = gatewayRules(
      withRules([
        { name: 'a', when: { directory: '~/secret/' }, model: 'local-only' },
        { name: 'b', when: { kind: 'title' }, model: 'claude-haiku' },
      ]),
    );
    expect(rules).toEqual([
      { name: 'a', when: { directory: directoryMark('~/secret') }, model: 'local-only', cloud: false },
      { name: 'b', when: { kind: 'title' }, model: 'claude-haiku', cloud: true },
    ]);
    expect(directoryMark('~/secret')).toMatch(/^in-[0-9a-f]{8}$/);
  });

  it('are none by default, and change nothing', () => {
    expect(JSON.parse(rulesForGateway(withRules([])))).toEqual({ mayLeaveHome: false, rules: [] });
  });

  it('name each folder once', () => {
    const rules = ['/a', '/b', '/a/'].map((directory, index) => ({
      name: `r${index}`,
      when: { directory },
      model: 'local',
    }));
    expect(ruledDirectories(withRules(rules)).map(({ path }) => path)).toEqual(['/a', '/b']);
  });

  it.each<[asked: string, allowed: boolean | 'background', stays: boolean]>([
    ['local', false, true],
    ['local', true, false],
    ['local', 'background', false],
    ['local-only', true, true],
    ['lm-studio:local', true, true],
    ['claude-sonnet-4-6', false, false],
  ])('keep %s at home with consent %s: %s', (asked, allowed, stays) => {
    expect(staysHome(withRules([], { failover: { allowed } }), asked)).toBe(stays);
  });
});

describe('rules in the answers', () => {
  it.each<[name: string, rules: readonly object[], says: RegExp]>([
    ['two of a name', [1, 2].map(() => ({ name: 'a', model: 'local' })), /name of its own/],
    ['a name with blanks', [{ name: 'A b', model: 'local' }], /lower-case letters/],
    ['an unknown kind', [{ name: 'a', when: { kind: 'thinking' }, model: 'local' }], /kind/],
    [
      'a launcher that goes nowhere else',
      [{ name: 'a', when: { launcher: 'claude-offline' }, model: 'local' }],
      /launcher/,
    ],
    ['a relative folder', [{ name: 'a', when: { directory: 'x' }, model: 'local' }], /begin with/],
    ['half a token', [{ name: 'a', when: { largerThan: 0.5 }, model: 'local' }], /largerThan/],
    ['no model', [{ name: 'a' }], /model/],
    ['a word too many', [{ name: 'a', model: 'local', else: 1 }], /else/],
    [
      'more than an environment holds',
      Array.from({ length: 301 }, (_, index) => ({ name: `a${index}`, model: 'local' })),
      /must be 300 rules at most/,
    ],
  ])('are refused with %s', (_, rules, says) => {
    expect(() => withRules(rules)).toThrow(says);
  });

  it('have to lead to a model of the gateway', () => {
    expect(routingProblem(withRules([{ name: 'a', model: 'claude-haiku' }]))).toBeUndefined();
    expect(routingProblem(withRules([{ name: 'a', model: 'gpt' }]))).toMatchObject({
      code: 'model-not-at-gateway',
      problem: expect.stringContaining('the rule a of routing.rules leads to gpt'),
      fix: expect.stringContaining('local-only'),
    });
  });
});
