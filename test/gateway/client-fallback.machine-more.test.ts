import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runClaude } from './claude-client.ts';
import { type Scene, setScene } from './scene.ts';

const sonnet = 'claude-sonnet-5-5';
const haiku = 'claude-haiku-5-5';

let scene: Scene;
let home: string;
beforeAll(async () => {
  scene = await setScene({ answers: { cloud: { anthropic: { models: { sonnet, haiku } } } } });
  home = await mkdtemp(`${tmpdir()}/client-fallback-`);
});
afterAll(async () => {
  await scene?.close();
  if (home !== undefined) await rm(home, { recursive: true, force: true });
});

/** Which models the cloud was asked for while it answered each request for an answer with this error, and what the person saw. */
async function asked(error: 'overloaded' | 'rate_limit' | 'api', args: readonly string[]) {
  scene.reset();
  scene.anthropic.settings.faults.push({ on: 'generation', does: 'error', error });
  const environment = { CLAUDE_CODE_MAX_RETRIES: '3' };
  const run = await runClaude(scene, home, sonnet, ['-p', 'say hi', ...args], environment);
  const models = scene.anthropic.requests.flatMap(({ body }) => (body as { model?: string })?.model ?? []);
  return { isError: run.isError, models };
}

/** What docs/measurements.md says of the client's own fallback: why a cloud that is limited has to be stood in for by the gateway. */
describe('the client’s own fallback model', () => {
  it.each([
    ['overloaded', [sonnet, sonnet, sonnet, haiku]],
    ['api', [sonnet, haiku]],
    ['rate_limit', [sonnet]],
  ] as const)('%s: the models that are asked, in order', async (error, inOrder) => {
    const alone = await asked(error, []);
    expect(alone).toEqual({ isError: true, models: [sonnet, sonnet, sonnet, sonnet] });
    const { models } = await asked(error, ['--fallback-model', haiku]);
    expect(models.slice(0, inOrder.length)).toEqual(inOrder);
    expect(new Set(models.slice(inOrder.length - 1)).size).toBe(1);
  });
});
