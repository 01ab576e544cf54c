import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { besideBox, seconds } from './box-scene.ts';

const patience = 15;

describe(`a box that sleeps, and is given ${patience} s`, () => {
  const set = besideBox(patience);

  it('gets one packet for ten requests, and answers them all when it is there after 5 s', async () => {
    const { box, logged, model, say, scene, waking, wakeRequests } = set();
    box.wakesAfter(5);
    const began = performance.now();
    const asked = Promise.all(
      Array.from({ length: 10 }, (_, number) => say(number % 2 === 0 ? 'local' : 'anthropic-local', number !== 7)),
    );
    await expect
      .poll(waking, { timeout: 5000 })
      .toMatchObject({ server: null, waiting: Array(10).fill({ kind: 'conversation', agent: null }) });
    const replies = await asked;
    expect(await waking()).toBeUndefined();
    expect(replies.map(({ status, text }) => [status, text])).toEqual(
      Array(10).fill([200, expect.stringContaining('on LM Studio')]),
    );
    expect([wakeRequests(), box.packets]).toEqual([1, ['10.80.0.255', '255.255.255.255']]);
    const first = replies.map(({ firstByteMs }) => firstByteMs);
    const behind = Math.max(...first) + began - box.listensSince();
    console.log(`first byte after ${seconds(first)} s, the last one ${seconds([behind])} s after the box was up`);
    expect(Math.min(...first)).toBeGreaterThan(5000);
    expect(behind).toBeLessThan(6000);
    expect(scene.anthropic.requests).toEqual([]);
    expect(model.requests.filter(({ path }) => path === '/v1/messages')).toHaveLength(10);
    for (const line of await logged()) expect(line['wokeMs']).toBeGreaterThan(4500);
  });

  it('is held on to while its model is not loaded yet, and whoever leaves takes nothing from the others', async () => {
    const { box, model, say, scene } = set();
    await box.fallAsleep();
    model.reset();
    const [loaded = []] = model.settings.models.map(({ loaded_instances }) => loaded_instances.splice(0));
    Object.assign(model.settings, { loadOnDemand: false });
    box.wakesAfter(1);
    const gone = say('local', true, 2500);
    const stays = say('local');
    await expect(gone).rejects.toThrow(/timeout/);
    const asked = () => model.requests.filter(({ path }) => path === '/v1/messages').length;
    for (let waited = 0; asked() < 2 && waited < 100; waited += 1) await sleep(100);
    model.settings.models[0]?.loaded_instances.push(...loaded);
    expect(await stays).toMatchObject({ status: 200, text: expect.stringContaining('on LM Studio') });
    expect(scene.anthropic.requests).toEqual([]);
  });

  it('is given up after its seconds, left alone then, and used at once when it comes by itself', async () => {
    const { box, logged, say, wakeRequests } = set();
    await box.fallAsleep();
    box.wakesAfter(null);
    const before = wakeRequests();
    const [strict, cloud] = await Promise.all([say('anthropic-local'), say('local')]);
    expect(strict).toMatchObject({
      status: 500,
      error: expect.stringMatching(/^the local server at \S+ cannot be reached: .*; it did not wake within 15 s$/),
    });
    expect(cloud.litellm['model-id']).toMatch(/^claude-api:/);
    for (const { ms } of [strict, cloud]) expect(ms).toBeGreaterThan(patience * 1000);
    expect([wakeRequests() - before, box.packets.length]).toEqual([2, 4]);
    const again = await Promise.all([say('anthropic-local'), say('local')]);
    expect(again[0].error).toMatch(/; it did not wake before, and is not woken again for 5 min$/);
    expect(again[1].litellm['model-id']).toMatch(/^claude-api:/);
    for (const { ms } of again) expect(ms).toBeLessThan(8000);
    console.log(`never: ${seconds([strict.ms, cloud.ms])} s; the next ones: ${seconds(again.map(({ ms }) => ms))} s`);
    expect((await logged()).at(-1)).not.toHaveProperty('wokeMs');
    await box.getUp();
    expect((await say('local')).litellm['model-id']).toBe('lm-studio:local');
  });
});
