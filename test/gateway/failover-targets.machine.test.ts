import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AnswersInput } from '../../src/config/schema.ts';
import { runClaude } from './claude-client.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { type GatewayConfig, type Scene, setScene } from './scene.ts';

const generations = {
  older: { haiku: 'claude-haiku-4-5', sonnet: 'claude-sonnet-4-6' },
  newer: { haiku: 'claude-haiku-5-5', sonnet: 'claude-sonnet-5-5' },
};

function answersWith(models: { haiku: string; sonnet: string }): Partial<AnswersInput> {
  const foundry = { resource: 'my-resource', deployments: models };
  return { cloud: { anthropic: { models }, foundry }, failover: { allowed: true } };
}

/** The local model under another name. */
function nameFor(target: string): string {
  return `beside-${target.replace('/', '-')}`;
}

/** Adds the local model once more, so that each target can take over from it; a request may not choose its own. */
function addLocalModel(config: GatewayConfig, target: string): void {
  const [local] = config.model_list;
  if (local === undefined) throw new Error('the configuration lists no model');
  const name = nameFor(target);
  config.model_list.push({ ...local, model_name: name, model_info: { ...local.model_info, id: `lm-studio:${name}` } });
  (config.router_settings.fallbacks as object[]).push({ [name]: [target] });
}

/** The stand-ins refuse fields and turns as the real models do: see their rules. */
describe.each(Object.entries(generations))('a failover to %s models', (_, models) => {
  let scene: Scene;
  let home: string;
  const targets = Object.values(models).flatMap((model) => [model, `foundry/${model}`]);
  beforeAll(async () => {
    scene = await setScene({
      answers: answersWith(models),
      environment: { FOLD_SYSTEM_TURNS_FOR: targets.map(nameFor).join(',') },
      change: (config) => {
        for (const target of targets) addLocalModel(config, target);
      },
    });
    home = await mkdtemp(`${tmpdir()}/targets-`);
    await scene.stopLmStudio();
  });
  afterAll(async () => {
    await scene?.close();
    await rm(home, { recursive: true, force: true });
  });
  beforeEach(() => scene.reset());

  const forms = targets.flatMap((target) =>
    [false, true].flatMap((stream) => [1024, 32_000].map((room) => [target, stream, room] as const)),
  );

  it.each(forms)('%s takes what Claude Code sends for `local` (streamed: %s, max_tokens: %i)', async (...form) => {
    const [target, stream, max_tokens] = form;
    const reply = await ask(scene.gateway, claudeRequest(nameFor(target), 'hello', { stream, max_tokens }));
    expect(reply).toMatchObject({ status: 200, error: undefined });
    const place = target.startsWith('foundry/') ? 'on Microsoft Foundry' : 'on the Claude API';
    expect(reply.text).toContain(place);
    expect(reply.litellm).toMatchObject({ 'attempted-fallbacks': '1', 'model-group': target });
  });

  it.each(targets)('%s takes a request of the real client', async (target) => {
    const run = await runClaude(scene, home, nameFor(target), ['-p', 'say hi']);
    expect(run).toMatchObject({ exitCode: 0, isError: false });
    const clouds = { foundry: scene.foundry, anthropic: scene.anthropic };
    const [used, unused] = target.startsWith('foundry/')
      ? [clouds.foundry, clouds.anthropic]
      : [clouds.anthropic, clouds.foundry];
    const answers = used.requests.map(({ answer }) => answer);
    expect(answers.at(-1)?.status).toBe(200);
    // For a name in which it finds Claude the client may ask for more than this model writes; told so, it asks for less by itself.
    for (const refused of answers.slice(0, -1)) expect(JSON.stringify(refused)).toMatch(/max_tokens: \d+ > 64000/);
    expect(unused.requests).toEqual([]);
  });
});
