import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { lmStudio } from '../../machine/stand-ins/lm-studio.ts';
import { type Line, loggedLines } from '../logged-lines.ts';
import { ask, claudeRequest, type GatewayReply } from '../messages-client.ts';
import { type Scene, setScene } from '../scene.ts';
import { BOX, type Box, layBox, watchForWakeRequests } from './box.ts';

/** A gateway whose local model is on a box that sleeps. */
export interface BoxScene {
  readonly scene: Scene;
  readonly box: Box;
  /** What answers there. */
  readonly model: ReturnType<typeof lmStudio>;
  /** How often the gateway asked for it to be woken. */
  readonly wakeRequests: () => number;
  /** Asks for this name, and gives up after so many milliseconds. */
  say(name: string, stream?: boolean, patience?: number): Promise<GatewayReply>;
  /** Who the gateway says is held for it. */
  waking(): Promise<unknown>;
  /** The lines of the request log. */
  logged(): Promise<readonly Line[]>;
}

/** The real LiteLLM, which holds requests for so many seconds, and takes three seconds of silence of an answer for its end. */
export function besideBox(patience: number): () => BoxScene {
  const model = lmStudio({ contextLength: 65_536 });
  let set: BoxScene | undefined;
  let watch: ReturnType<typeof watchForWakeRequests> | undefined;
  beforeAll(async () => {
    const scene = await setScene({
      address: () => BOX.url,
      environment: { LOCAL_WAKE: `${BOX.url} ${patience}` },
      change: ({ model_list }) => {
        for (const { model_info, litellm_params } of model_list)
          if (String(model_info.id).startsWith('lm-studio:')) Object.assign(litellm_params, { stream_timeout: 3 });
      },
    });
    const { gateway } = scene;
    const box = await layBox(scene.wire, model.handle);
    watch = watchForWakeRequests(scene.wire, gateway.requestLogDir);
    set = {
      scene,
      box,
      model,
      wakeRequests: watch.wakeRequests,
      say: async (name, stream = true, limit = 240_000) =>
        await ask(gateway, claudeRequest(name, 'hello', { stream }), gateway.key, {}, limit),
      waking: async () => {
        const text = await readFile(`${gateway.requestLogDir}/queue.json`, 'utf8').catch(() => '{}');
        return (JSON.parse(text) as { readonly waking?: unknown }).waking;
      },
      logged: async () => {
        await sleep(200);
        return await loggedLines(gateway);
      },
    };
  });
  afterAll(async () => {
    watch?.stop();
    await set?.box.close();
    await set?.scene.close();
  });
  return () => {
    if (set === undefined) throw new Error('the scene is not set');
    return set;
  };
}

/** The least and the most of these milliseconds, in seconds. */
export function seconds(times: readonly number[]): string {
  return [...new Set([Math.min(...times), Math.max(...times)])].map((ms) => (ms / 1000).toFixed(1)).join(' to ');
}
