import { describe, expect, it } from 'vitest';
import type { GatewayExchange } from '../../src/components/gateway/requests/exchange.ts';
import type { CaseResult } from '../../src/failover-test/drill-case.ts';
import { drillPlan } from '../../src/failover-test/drill-plan.ts';
import { announcement, entryOf, linesOf, notCovered, summaryOf, verdictLine } from '../../src/failover-test/report.ts';
import { wrapped } from '../../src/ui/text-layout.ts';
import { answersWith } from '../answers.ts';

const exchange = {
  status: 200,
  modelId: 'claude-api:claude-sonnet-5-5',
  attemptedFallbacks: 1,
  ms: 612.4,
} as GatewayExchange;
const drilled = { id: 'refused', title: 'server stopped', part: 'throw-away' } as const;
const failover = {
  ...drilled,
  promised: { kind: 'failover', to: 'claude-api:claude-sonnet-5-5', added: 500 },
} as const;
const held: CaseResult = {
  drilled: failover,
  outcome: 'held',
  happened: 'claude-api:claude-sonnet-5-5',
  exchange,
  addedMs: 80,
  cost: 0.0004,
};
const broken: CaseResult = {
  ...held,
  outcome: 'broken',
  problem: { code: 'port-taken', problem: 'It is broken.', fix: 'fix it' },
};
const skipped: CaseResult = { drilled, outcome: 'skipped', happened: 'not tried: see local' };
const answered: CaseResult = { ...held, drilled: { ...drilled, promised: { kind: 'answer', by: 'x' } } };
const texts = (tried: CaseResult, before?: string) => linesOf(tried, before).map(({ text }) => text);

describe('the line of a case', () => {
  it.each([
    [held, [' ✓ server stopped         claude-api:claude-sonnet-5-5, +80 ms of 500 ms']],
    [answered, [' ✓ server stopped         claude-api:claude-sonnet-5-5, 612 ms, $0.0004']],
    [{ ...answered, cost: 0 }, [' ✓ server stopped         claude-api:claude-sonnet-5-5, 612 ms']],
    [skipped, [' · server stopped         not tried: see local']],
    [broken, [' ✗ server stopped         not as promised, 612 ms', '     Problem: It is broken.', '     Fix: fix it']],
  ])('%#', (tried, lines) => {
    expect(texts(tried)).toEqual(lines);
  });

  it('does not say the same fix twice in a row', () => {
    expect(texts(broken, 'fix it')).toHaveLength(2);
    expect(texts(broken, 'another')).toHaveLength(3);
  });

  it.each([78, 40])('fits %i columns', (columns) => {
    for (const text of [...texts(held), ...texts(broken), ...texts(skipped)]) {
      for (const line of wrapped(text, columns).split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });
});

it('is one flat object for programs', () => {
  expect(entryOf(broken)).toEqual({
    type: 'case',
    part: 'throw-away',
    case: 'refused',
    outcome: 'broken',
    happened: 'claude-api:claude-sonnet-5-5',
    promised: { kind: 'failover', to: 'claude-api:claude-sonnet-5-5', added: 500 },
    status: 200,
    modelId: 'claude-api:claude-sonnet-5-5',
    attemptedFallbacks: 1,
    ms: 612,
    addedMs: 80,
    cost: 0.0004,
    code: 'port-taken',
    problem: 'It is broken.',
    fix: 'fix it',
  });
});

describe('the verdict', () => {
  const line = (...tried: CaseResult[]) => verdictLine(summaryOf(tried, 61_000)).text;
  const { cost: _cost, ...unpriced } = held;
  it.each([
    [line(held, held), 'All 2 promises hold. 61 s, $0.0008'],
    [line(held, skipped), '1 promises hold, 1 not tried. 61 s, $0.0004'],
    [line(held, broken, skipped), '1 of 2 promises do not hold, 1 not tried. 61 s, $0.0008'],
    [line(held, unpriced), 'All 2 promises hold. 61 s, $0.0004 and 1 answers of unknown price'],
    [line({ ...held, outcome: 'noted', cost: 0 }), 'All 0 promises hold. 61 s, $0'],
  ])('%#', (text, expected) => {
    expect(text).toBe(expected);
  });

  it('does not hold when one thing is broken', () => {
    expect(summaryOf([held, broken], 1)).toMatchObject({ holds: false, held: 1, broken: 1 });
    expect(summaryOf([held, skipped], 1)).toMatchObject({ holds: true, skipped: 1 });
  });
});

describe('before and after', () => {
  const offline = answersWith();
  const cloud = { anthropic: { models: { sonnet: 'claude-sonnet-5-5' } } };
  const online = answersWith({ cloud, failover: { allowed: true } });

  it('says how often a cloud is asked, or that it is not', () => {
    expect(announcement(online, drillPlan(online)).join(' ')).toMatch(/9 small requests to your cloud/);
    expect(announcement(offline, drillPlan(offline)).join(' ')).toMatch(/nothing goes to a cloud/);
  });

  it('says what is not covered', () => {
    expect(notCovered(online).join('\n')).toMatch(/breaks off midway[\s\S]*outage of the cloud[\s\S]*images/);
    expect(notCovered(offline).join('\n')).not.toMatch(/outage of the cloud/);
  });
});
