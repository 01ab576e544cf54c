import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claudeLocalEnvironment, runClaude } from '../claude-client.ts';
import { besideBox, seconds } from './box-scene.ts';

describe('a box that is given 120 s', () => {
  const set = besideBox(120);
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(`${tmpdir()}/wake-`);
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  /** The real Claude Code with the environment of claude-local, which is told how long it was running. */
  async function claude(): Promise<{ readonly isError: boolean; readonly result: string; readonly ms: number }> {
    const began = performance.now();
    const ran = await runClaude(set().scene, home, 'local', ['-p', 'say hi'], claudeLocalEnvironment(home), 240_000);
    return { ...ran, ms: performance.now() - began };
  }

  it.each([70, 112])('and is there %i s after the packet answers the client and ten requests', async (after) => {
    const { box, model, say, scene, wakeRequests } = set();
    await box.fallAsleep();
    model.reset();
    scene.reset();
    box.wakesAfter(after);
    const before = wakeRequests();
    const began = performance.now();
    const client = claude();
    const replies = await Promise.all(Array.from({ length: 10 }, () => say('local')));
    const first = replies.map(({ firstByteMs }) => firstByteMs);
    const behind = Math.max(...first) + began - box.listensSince();
    const ran = await client;
    console.log(
      `${after} s: first byte after ${seconds(first)} s, ${seconds([behind])} s after the box was up; Claude Code ended after ${seconds([ran.ms])} s; ${wakeRequests() - before} packets`,
    );
    expect(ran).toMatchObject({ isError: false, result: expect.stringContaining('on LM Studio') });
    expect(replies.map(({ litellm }) => litellm['model-id'])).toEqual(Array(10).fill('lm-studio:local'));
    expect(wakeRequests() - before).toBeLessThanOrEqual(Math.ceil(after / 10) + 1);
    expect(scene.anthropic.requests).toEqual([]);
  });

  it('and never wakes is followed by the cloud, for the client too', async () => {
    const { box, say, scene } = set();
    await box.fallAsleep();
    scene.reset();
    box.wakesAfter(null);
    const client = claude();
    const [cloud, strict] = await Promise.all([say('local'), say('anthropic-local')]);
    const ran = await client;
    console.log(`never: ${seconds([cloud.ms, strict.ms])} s; Claude Code ended after ${seconds([ran.ms])} s`);
    expect(cloud.litellm['model-id']).toMatch(/^claude-api:/);
    expect(strict.error).toMatch(/it did not wake within 120 s$/);
    expect(ran.isError).toBe(false);
    expect(scene.anthropic.requests.length).toBeGreaterThanOrEqual(2);
  });
});
