import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AnswersInput } from '../../src/answers/schema.ts';
import { runClaude } from './claude-client.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { type Scene, setScene } from './scene.ts';

const generations = {
  older: { haiku: 'claude-haiku-4-5', sonnet: 'claude-sonnet-4-6' },
  newer: { haiku: 'claude-haiku-5-5', sonnet: 'claude-sonnet-5-5' },
};

function answersWith(models: { haiku: string; sonnet: string }): Partial<AnswersInput> {
  const foundry = { resource: 'my-resource', deployments: models };
  return { cloud: { anthropic: { models }, foundry }, failover: { allowed: true } };
}

/** The stand-ins refuse fields and turns as the real models do: see their rules. */
describe.each(Object.entries(generations))('a failover to %s models', (_, models) => {
  let scene: Scene;
  let home: string;
  beforeAll(async () => {
    scene = await setScene({ answers: answersWith(models) });
    home = await mkdtemp(`${tmpdir()}/targets-`);
    await scene.stopLmStudio();
  });
  afterAll(async () => {
    await scene?.close();
    await rm(home, { recursive: true, force: true });
  });
  beforeEach(() => scene.reset());

  const targets = Object.values(models).flatMap((model) => [model, `foundry/${model}`]);
  const forms = targets.flatMap((target) =>
    [false, true].flatMap((stream) => [1024, 32_000].map((room) => [target, stream, room] as const)),
  );

  it.each(forms)('%s takes what Claude Code sends for `local` (streamed: %s, max_tokens: %i)', async (...form) => {
    const [target, stream, max_tokens] = form;
    const reply = await ask(
      scene.gateway,
      claudeRequest('local', 'hello', { stream, max_tokens, fallbacks: [target] }),
    );
    expect(reply).toMatchObject({ status: 200, error: undefined });
    const place = target.startsWith('foundry/') ? 'on Microsoft Foundry' : 'on the Claude API';
    expect(reply.text).toContain(place);
    expect(reply.litellm).toMatchObject({ 'attempted-fallbacks': '1', 'model-group': target });
  });

  it.each(targets)('%s takes a request of the real client', async (target) => {
    const body = JSON.stringify({ fallbacks: [target] });
    const run = await runClaude(scene, home, 'local', ['-p', 'say hi'], { CLAUDE_CODE_EXTRA_BODY: body });
    expect(run).toMatchObject({ exitCode: 0, isError: false });
    const clouds = { foundry: scene.foundry, anthropic: scene.anthropic };
    const [used, unused] = target.startsWith('foundry/')
      ? [clouds.foundry, clouds.anthropic]
      : [clouds.anthropic, clouds.foundry];
    expect(used.requests.map(({ answer }) => answer.status)).toEqual([200]);
    expect(unused.requests).toEqual([]);
  });
});

describe("failover to Foundry's Haiku 4.5 under a name that does not say Claude", () => {
  let scene: Scene;
  beforeAll(async () => {
    const deployments = { haiku: { deployment: 'cheap-one', model: 'claude-haiku-4-5' } };
    const answers = { cloud: { foundry: { resource: 'my-resource', deployments } }, failover: { allowed: true } };
    scene = await setScene({ answers });
    await scene.stopLmStudio();
  });
  afterAll(() => scene?.close());

  it.each([false, true])('takes what Claude Code sends for `local` (streamed: %s)', async (stream) => {
    const reply = await ask(scene.gateway, claudeRequest('local', 'hello', { stream, max_tokens: 32_000 }));
    expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('cheap-one on Microsoft Foundry') });
    expect(reply.litellm).toMatchObject({ 'attempted-fallbacks': '1', 'model-id': 'foundry:claude-haiku-4-5' });
  });
});
