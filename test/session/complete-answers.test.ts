import { expect, it } from 'vitest';
import type { Probe } from '../../src/host/host.ts';
import { Secret } from '../../src/host/secret.ts';
import { completeAnswers } from '../../src/session/complete-answers.ts';
import { answersWith } from '../answers.ts';
import { valueIn } from '../value-in.ts';

it.each<[ids: string[], chosen: string | undefined, main: string | undefined]>([
  [['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'], undefined, 'claude-sonnet-5-5'],
  [['claude-haiku-5-5', 'claude-fable-5-2', 'claude-opus-5-5'], undefined, 'claude-opus-5-5'],
  [['claude-haiku-5-5', 'claude-fable-5-2'], undefined, 'claude-fable-5-2'],
  [['claude-haiku-5-5'], undefined, 'claude-haiku-5-5'],
  [['claude-opus-5-5', 'claude-sonnet-5-5'], 'claude-opus-5-5', 'claude-opus-5-5'],
  [['claude-mythos-1'], undefined, undefined],
])('of %j, and with %s chosen, %s is in front', async (ids, chosen, main) => {
  const answers = answersWith({ cloud: { anthropic: {}, ...(chosen === undefined ? {} : { main: chosen }) } });
  const body = JSON.stringify({ data: ids.map((id) => ({ type: 'model', id, created_at: '' })), has_more: false });
  const probe = { http: async () => ({ reached: true, status: 200, headers: {}, body }) } as unknown as Probe;
  const { cloud } = valueIn(
    await completeAnswers(answers, { gatewayKey: new Secret('sk-x'), anthropicKey: new Secret('a key') }, probe),
  );
  expect(cloud.main).toBe(main);
  expect(Object.values(cloud.anthropic?.models ?? {})).toHaveLength(ids.includes('claude-mythos-1') ? 0 : ids.length);
});
