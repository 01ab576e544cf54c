import { describe, expect, it } from 'vitest';
import type { AnswersInput } from '../../src/config/schema.ts';
import { cloudRequests, drillPlan } from '../../src/failover-test/drill-plan.ts';
import { answersWith } from '../answers.ts';

const cloud = { anthropic: { models: { sonnet: 'claude-sonnet-5-5', haiku: 'claude-haiku-5-5' } } };

function planFor(more: Partial<AnswersInput>) {
  const answers = answersWith(more);
  const plan = drillPlan(answers);
  const promised = Object.fromEntries(plan.map(({ id, promised: what }) => [id, what]));
  return { plan, promised, paid: cloudRequests(plan, answers) };
}

describe('what is promised of what Claude Code sends beside words', () => {
  it.each(['local-images', 'local-longResult', 'local-hardSchema', 'local-serverTools'])(
    '%s is answered by the local model, also where an image may go to the cloud',
    (id) => {
      const { promised } = planFor({ cloud, failover: { allowed: true, images: 'cloud' } });
      expect(promised[id]).toEqual({ kind: 'answer', by: 'lm-studio:local-only' });
    },
  );
});

describe('what is promised of rules', () => {
  const rules = [
    { name: 'private', when: { directory: '~/private' }, model: 'local-only' },
    { name: 'searches', when: { kind: 'web-search' as const }, model: 'claude-haiku-5-5' },
    { name: 'explorers', when: { agent: 'Explore', launcher: 'claude-routed' as const }, model: 'local' },
    { name: 'large', when: { largerThan: 400 }, model: 'claude-haiku-5-5' },
    { name: 'plans', when: { kind: 'plan' as const }, model: 'claude-sonnet-5-5' },
    { name: 'plans-again', when: { kind: 'plan' as const }, model: 'local' },
  ];
  it('is that each decides which a small request fits, asked for another model', () => {
    const { plan, promised, paid } = planFor({ cloud, routing: { rules }, failover: { allowed: true } });
    const tried = plan.filter(({ id }) => id.startsWith('rule:'));
    expect(tried.map(({ id, request: { headers, body } }) => [id, headers?.['x-claude-routing'], body.model])).toEqual([
      ['rule:private', expect.stringMatching(/^drill; ruled; in-[0-9a-f]{8}$/), 'claude-sonnet-5-5'],
      ['rule:explorers', 'claude-routed; proof; ruled', 'claude-sonnet-5-5'],
      ['rule:plans', 'drill; ruled', 'claude-haiku-5-5'],
    ]);
    expect(promised['rule:private']).toEqual({ kind: 'answer', by: 'lm-studio:local-only' });
    expect(paid).toBe(11);
  });

  it('is for sealed folders that what names a file of theirs stays home, and what starts there fits no rule', () => {
    const { plan, promised } = planFor({
      cloud,
      routing: { rules, sealed: ['~/private'] },
      failover: { allowed: true },
    });
    const tried = plan.find(({ id }) => id === 'sealed-0');
    expect(JSON.stringify(tried?.request.body)).toContain('~/private/canary-of-a-drill.txt');
    expect(promised['sealed-0']).toEqual({ kind: 'answer', by: 'lm-studio:local-only' });
    expect(promised).not.toHaveProperty('rule:private');
  });

  it('is that one leads out of the house only where that was agreed to', () => {
    const [rule] = rules.slice(4);
    const asked = (allowed: boolean) =>
      planFor({
        cloud: { anthropic: { models: { sonnet: 'claude-sonnet-5-5' } } },
        routing: { rules: [rule ?? { name: 'a', model: 'local' }] },
        failover: { allowed },
      }).plan.find(({ id }) => id === 'rule:plans')?.request.body.model;
    expect(asked(true)).toBe('local');
    expect(asked(false)).toBe('claude-sonnet-5-5');
  });

  it('is nothing without any', () => {
    expect(planFor({ cloud }).plan.filter(({ id }) => id.startsWith('rule:'))).toEqual([]);
  });
});

describe('what is promised when the local model fails', () => {
  const haiku = 'claude-api:claude-haiku-5-5';
  it.each([
    ['failover allowed', { cloud, failover: { allowed: true } }, 'failover', { kind: 'error', compact: true }, 10],
    [
      'failover for the background',
      { cloud, failover: { allowed: 'background' } },
      'failover',
      { kind: 'error', compact: true },
      10,
    ],
    [
      'overflow to the cloud',
      { cloud, failover: { allowed: true, overflow: 'cloud' } },
      'failover',
      { kind: 'failover', to: haiku, added: 1000 },
      13,
    ],
    [
      'local first',
      { cloud, failover: { allowed: true }, routing: { profile: 'local-first' } },
      'failover',
      { kind: 'failover', to: haiku, added: 1000 },
      13,
    ],
    ['failover not allowed', { cloud, failover: { allowed: false } }, 'error', { kind: 'error', compact: true }, 1],
    ['no cloud', {}, 'error', { kind: 'error', compact: true }, 0],
  ] as const)('%s', (_, more, outage, overflow, paidRequests) => {
    const { promised, paid } = planFor(more as Partial<AnswersInput>);
    for (const id of ['refused', 'dropped', 'status-500', 'status-503', 'status-429', 'silent']) {
      expect(promised[id]).toMatchObject({ kind: outage });
    }
    for (const id of ['overflow-n-keep', 'overflow-keep-first', 'overflow-exceeds']) {
      expect(promised[id]).toMatchObject(overflow);
    }
    expect(paid).toBe(paidRequests);
  });

  it('holds the goals: half a second when stopped, three when off, one for what is answered', () => {
    const { promised } = planFor({ cloud, failover: { allowed: true } });
    const added = Object.fromEntries(
      Object.entries(promised).flatMap(([id, what]) => (what.kind === 'failover' ? [[id, what.added]] : [])),
    );
    expect(added).toMatchObject({
      refused: 500,
      dropped: 3000,
      'status-500': 1000,
      'status-503': 1000,
      'status-429': 1000,
    });
  });
});

describe('what is promised when a cloud fails', () => {
  const foundry = { resource: 'my-resource', deployments: { sonnet: 'claude-sonnet-4-6' } };
  const faults = ['429', '529', '500', 'no-credit', 'revoked', 'silent', 'dropped', 'refused'];
  const cases = (more: Partial<AnswersInput>) => {
    const { promised, paid } = planFor(more);
    return { paid, of: (fault: string) => promised[`cloud-${fault}`] };
  };

  it('its own error, where nobody stands in', () => {
    const { of } = cases({ cloud });
    expect(of('429')).toEqual({ kind: 'cloud-error', status: 429, type: 'rate_limit_error', retryAfter: '10' });
    expect(of('529')).toEqual({ kind: 'cloud-error', status: 529, type: 'overloaded_error' });
    expect(of('no-credit')).toMatchObject({ status: 400, type: 'invalid_request_error' });
    expect(of('revoked')).toMatchObject({ status: 401, type: 'authentication_error' });
    for (const fault of ['silent', 'dropped', 'left-alone', 'back']) expect(of(fault)).toBeUndefined();
  });

  it.each([
    [['local'], 'lm-studio:local-only', 1],
    [['local', 'other-cloud'], 'lm-studio:local-only', 1],
    [['other-cloud', 'local'], 'foundry:claude-sonnet-4-6', 10],
  ] as const)('%o: the first of them answers, and it is asked again by itself', (whenCloudFails, to, paid) => {
    const found = cases({ cloud: { ...cloud, foundry }, failover: { whenCloudFails: [...whenCloudFails] } });
    for (const fault of [...faults, 'left-alone']) expect(found.of(fault)).toMatchObject({ kind: 'failover', to });
    expect(found.of('back')).toEqual({ kind: 'answer', by: 'drill-cloud-429:copy', within: 5000 });
    expect(found.paid).toBe(paid);
  });

  it.each([
    [{ perDay: 5 }, { kind: 'cloud-error', status: 402, type: 'billing_error' }],
    [
      { perMonth: 5, atCeiling: 'local' },
      { kind: 'answer', by: 'lm-studio:local-only' },
    ],
    [{}, undefined],
  ] as const)('at the ceiling %j: %j, and nobody is paid for that', (spending, promised) => {
    const { plan, promised: all, paid } = planFor({ cloud, spending });
    expect(all['at-ceiling']).toEqual(promised);
    expect(paid).toBe(planFor({ cloud }).paid);
    expect(plan.find(({ id }) => id === 'at-ceiling')?.request.body['model']).toBe(promised && 'drill-cloud-500');
    expect(planFor({ spending }).promised['at-ceiling']).toBeUndefined();
  });

  it('nothing without a cloud', () => {
    const { of } = cases({});
    for (const fault of faults) expect(of(fault)).toBeUndefined();
  });
});

describe('what is promised of the servers of the local model', () => {
  const local = { address: '192.0.2.1', model: 'some/model' };
  const promisedWith = (localModel: object, more: Partial<AnswersInput> = {}) =>
    planFor({ cloud, failover: { allowed: true }, ...more, localModel: { ...local, ...localModel } });
  const here = { kind: 'answer', by: 'lm-studio:local' };
  const stays = { kind: 'answer', by: 'lm-studio:local-only' };
  const cloudAfter = (added: number) => ({ kind: 'failover', to: 'claude-api:claude-haiku-5-5', added });

  it('is nothing of several where there is one, and of waking where none is to be woken', () => {
    const { promised } = promisedWith({});
    for (const id of ['one-not-ready', 'one-stopped', 'asleep', 'never-wakes']) expect(promised).not.toHaveProperty(id);
  });

  it('is that one answers for the other, and that all of them stopped are followed as one is', () => {
    const { plan, promised } = promisedWith({ moreAddresses: ['192.0.2.2'] });
    expect([promised['one-not-ready'], promised['one-stopped']]).toEqual([here, here]);
    expect(promised['refused']).toEqual(cloudAfter(500));
    expect(plan.find(({ id }) => id === 'refused')?.title).toBe('all servers stopped');
  });

  it.each([
    [true, cloudAfter(5000)],
    [false, { kind: 'error', within: 7000 }],
  ])('is that a box is woken, and that one that never wakes is followed by what was chosen (%s)', (allowed, never) => {
    const { plan, promised } = promisedWith({ wake: { mac: '3c:7c:3f:12:ab:90' } }, { failover: { allowed } });
    expect([promised['asleep'], promised['never-wakes']]).toEqual([here, never]);
    expect(promised['never-wakes-strict']).toEqual({ kind: 'never-cloud', within: 7000 });
    const stages = plan.map(({ stage }) => stage);
    // From then on the box is left alone, and no fault costs a wake.
    expect(stages.indexOf('asleep')).toBeLessThan(stages.indexOf('status-500'));
  });

  it.each([
    [{ allowed: true, afterWaiting: 60 }, cloudAfter(2000)],
    [{ allowed: true }, here],
    [{ allowed: false, afterWaiting: 60 }, here],
  ])('is of one that is busy, with %j, %j, and that the strict name waits', (failover, long) => {
    const { promised } = promisedWith({}, { failover });
    expect([promised['long-wait'], promised['long-wait-strict']]).toEqual([long, stays]);
    expect(promisedWith({ parallel: 'off' }, { failover }).promised).not.toHaveProperty('long-wait');
  });
});

describe.each([
  ['with somebody who stands in', { cloud, failover: { allowed: true, whenCloudFails: ['local'] } }],
  ['with failover', { cloud, failover: { allowed: true } }],
  ['without', { cloud }],
  ['without a cloud', {}],
] as const)('whatever was chosen: %s', (_, more) => {
  const { plan, promised } = planFor(more as unknown as Partial<AnswersInput>);

  it('every fault is met by the strict name too, and no cloud is promised to it', () => {
    const strict = plan.filter(({ request }) => request.body['model'] === 'local-only');
    expect(strict.filter(({ part, beside }) => part === 'throw-away' && beside === undefined)).toHaveLength(9);
    expect(strict.filter(({ beside }) => beside !== undefined).map(({ id }) => id)).toEqual([
      'queue',
      'long-wait-strict',
    ]);
    const kinds = new Set(strict.map(({ promised: { kind } }) => kind));
    expect([...kinds].sort()).toEqual(['answer', 'never-cloud', 'turned-away']);
    const answering = strict.flatMap(({ promised }) => (promised.kind === 'answer' ? [promised.by] : []));
    expect(new Set(answering)).toEqual(new Set(['lm-studio:local-only']));
  });

  it('ids are unique, titles fit, and what a case needs comes before it', () => {
    const ids = plan.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(plan.filter(({ title }) => title.length > 21)).toEqual([]);
    for (const [index, { needs }] of plan.entries())
      if (needs !== undefined) expect(ids.slice(0, index)).toContain(needs);
  });

  it('every request is marked as the drill’s, is small, and ends', () => {
    for (const { request, part } of plan) {
      expect(request.headers?.['x-claude-routing']).toMatch(/^drill(; local-only)?$/);
      expect(request.body['max_tokens']).toBeLessThanOrEqual(request.body['tools'] === undefined ? 16 : 1024);
      expect(request.timeoutMs).toBeLessThanOrEqual(part === 'gateway' ? 180_000 : 60_000);
    }
  });

  it('strangers are turned away, and coming back is tried after being off and after failing', () => {
    expect(promised).toMatchObject({
      'no-key': { kind: 'turned-away' },
      'wrong-key': { kind: 'turned-away' },
      'back-after-refused': { kind: 'answer', by: 'lm-studio:local', within: 5000 },
      'back-after-status-429': { kind: 'answer', by: 'lm-studio:local', within: 5000 },
    });
  });
});

it('the local-only mark is tried with the foreground model, where there is one', () => {
  const marked = planFor({ cloud }).plan.find(({ id }) => id === 'local-only-mark');
  expect(marked?.request).toMatchObject({
    body: { model: 'claude-sonnet-5-5' },
    headers: { 'x-claude-routing': 'drill; local-only' },
  });
  expect(planFor({}).plan.find(({ id }) => id === 'local-only-mark')).toBeUndefined();
});
