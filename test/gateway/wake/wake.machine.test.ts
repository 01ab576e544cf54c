import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lmStudio } from '../../machine/stand-ins/lm-studio.ts';
import { ask, claudeRequest, type GatewayReply } from '../messages-client.ts';
import { localModel, type Scene, setScene } from '../scene.ts';
import { BOX, type Box, layBox, watchForWishes } from './box.ts';

const patience = 15;

/** The least and the most of these milliseconds. */
function seconds(times: readonly number[]): string {
  return [...new Set([Math.min(...times), Math.max(...times)])].map((ms) => (ms / 1000).toFixed(1)).join(' to ');
}

describe(`a box that sleeps, and is given ${patience} s`, () => {
  const model = lmStudio({ contextLength: 65_536 });
  let scene: Scene;
  let box: Box;
  let watch: ReturnType<typeof watchForWishes>;
  beforeAll(async () => {
    scene = await setScene({
      address: () => BOX.url,
      environment: { LOCAL_WAKE: `${BOX.url} ${patience}` },
      change: ({ model_list }) => {
        for (const { model_info, litellm_params } of model_list)
          if (String(model_info.id).startsWith('lm-studio:')) Object.assign(litellm_params, { stream_timeout: 3 });
      },
    });
    box = await layBox(scene.wire, model.handle);
    watch = watchForWishes(scene.wire, scene.gateway.requestLogDir);
  });
  afterAll(async () => {
    watch?.stop();
    await box?.close();
    await scene?.close();
  });

  const say = (name: string, stream = true): Promise<GatewayReply> =>
    ask(scene.gateway, claudeRequest(name, 'hello', { stream }), scene.gateway.key, {}, 60_000);

  async function logged(): Promise<readonly Record<string, unknown>[]> {
    await sleep(200);
    const [name = ''] = (await readdir(scene.gateway.requestLogDir)).filter((file) => file.endsWith('.jsonl'));
    const text = await readFile(`${scene.gateway.requestLogDir}/${name}`, 'utf8');
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  it('gets one packet for ten requests, and answers them all when it is there after 5 s', async () => {
    box.wakesAfter(5);
    const began = performance.now();
    const names = ['local', 'anthropic-local', localModel];
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, number) => say(names[number % 2] ?? '', number !== 7)),
    );
    expect(replies.map(({ status, text }) => [status, text])).toEqual(
      Array(10).fill([200, expect.stringContaining('on LM Studio')]),
    );
    expect([watch.wishes(), box.packets]).toEqual([1, ['10.80.0.255', '255.255.255.255']]);
    const first = replies.map(({ firstByteMs }) => firstByteMs);
    const behind = Math.max(...first) + began - box.listensSince();
    console.log(`first byte after ${seconds(first)} s, the last one ${seconds([behind])} s after the box was up`);
    expect(Math.min(...first)).toBeGreaterThan(5000);
    expect(behind).toBeLessThan(6000);
    expect(scene.anthropic.requests).toEqual([]);
    expect(model.requests.filter(({ path }) => path.startsWith('/v1/messages'))).toHaveLength(10);
    for (const line of await logged()) expect(line['wokeMs']).toBeGreaterThan(4500);
  });
});
