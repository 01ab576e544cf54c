import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { requestsBetween } from '../../../src/components/gateway/request-log.ts';
import { RealHost } from '../../../src/host/real-host.ts';
import { createMasking } from '../../../src/host/secret.ts';
import { ask, claudeRequest, type GatewayReply } from '../messages-client.ts';
import { type Scene, setScene } from '../scene.ts';

const host = new RealHost({ uid: 0, env: {}, backupFolder: '/nowhere', masking: createMasking() });
/** How long LM Studio may be silent in these scenes. */
const silence = 8000;
const session = randomUUID();
const talk = { 'x-claude-code-request-class': 'main', 'x-claude-code-session-id': session };
const title = { 'x-claude-code-request-class': 'auxiliary', 'x-claude-code-session-id': session };
const agent = (id: string) => ({
  'x-claude-code-request-class': 'subagent',
  'x-claude-code-session-id': session,
  'x-claude-code-agent-id': id,
});

/** The real LiteLLM in front of an LM Studio that takes half a second for each request. */
function besideOneGpu(environment: Readonly<Record<string, string>>, work: (scene: () => Scene) => void): void {
  let scene: Scene;
  beforeAll(async () => {
    scene = await setScene({
      environment,
      lmStudio: { prefillMilliseconds: 500 },
      change: ({ model_list }) => {
        for (const { model_info, litellm_params } of model_list)
          if (String(model_info.id).startsWith('lm-studio:'))
            Object.assign(litellm_params, { stream_timeout: silence / 1000 });
      },
    });
  });
  afterAll(() => scene?.close());
  afterEach(() => scene.reset());
  work(() => scene);
}

function say(
  { gateway }: Scene,
  said: string,
  headers: Readonly<Record<string, string>>,
  more: { readonly model?: string; readonly stream?: boolean; readonly patience?: number } = {},
): Promise<GatewayReply> {
  const { model = 'local-only', stream = true, patience = 60_000 } = more;
  return ask(gateway, claudeRequest(model, said, { stream }), gateway.key, headers, patience);
}

/** A request that LM Studio has heard and takes so many milliseconds for. */
async function occupied(scene: Scene, milliseconds: number): Promise<{ readonly reply: Promise<GatewayReply> }> {
  const { settings, requests } = scene.lmStudio;
  const usual = settings.prefillMilliseconds;
  settings.prefillMilliseconds = milliseconds;
  const reply = say(scene, 'word-first', agent('first'));
  await expect.poll(() => requests.some(({ path }) => path.startsWith('/v1/messages')), { timeout: 20_000 }).toBe(true);
  settings.prefillMilliseconds = usual;
  return { reply };
}

/** What LM Studio was asked, in its order, and how many of these it had at once at the most. */
function heard({ lmStudio }: Scene): { readonly said: readonly string[]; readonly atOnce: number } {
  const asked = lmStudio.requests.filter(({ path }) => path.startsWith('/v1/messages'));
  const spans = asked.map(({ time, answer }) => [Date.parse(time), Date.parse(time) + (answer.milliseconds ?? 0)]);
  const at = spans.map(([from = 0]) => spans.filter(([began = 0, ended = 0]) => began <= from && from < ended).length);
  return {
    said: asked.map(({ body }) => /word-[a-z0-9]+/.exec(JSON.stringify(body))?.[0] ?? '?'),
    atOnce: Math.max(0, ...at),
  };
}

describe('an LM Studio that gets one request at once', () => {
  besideOneGpu({ LOCAL_PARALLEL: '1' }, (scene) => {
    it('hears conversations before subagents before titles, one after the other, and tells who waits', async () => {
      const place = `${scene().gateway.requestLogDir}/queue.json`;
      const first = await occupied(scene(), 4000);
      const others = [
        say(scene(), 'word-title', title),
        say(scene(), 'word-b', agent('b')),
        say(scene(), 'word-c', agent('c'), { stream: false }),
        say(scene(), 'word-talk', talk),
      ];
      const told = async (): Promise<unknown> => JSON.parse(await readFile(place, 'utf8').catch(() => 'null'));
      const kinds = ['conversation', 'subagent', 'subagent', 'background'];
      const waiting = kinds.map((kind) => ({ session, kind, agent: null }));
      await expect.poll(told, { timeout: 3500 }).toMatchObject({
        ...{ v: 1, waking: null },
        servers: [{ server: null, slots: 1, running: 1, waiting }],
      });
      const replies = await Promise.all([first.reply, ...others]);
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      const { said, atOnce } = heard(scene());
      expect([said[0], said[1], said.at(-1), atOnce]).toEqual(['word-first', 'word-talk', 'word-title', 1]);
      expect(await told()).toBeNull();
      const logged = (await requestsBetween(host, scene().gateway.requestLogDir, 0, Date.now())).slice(-5);
      expect(logged.map(({ queuedMs }) => queuedMs > 100)).toEqual([false, true, true, true, true]);
    });

    it('is not taken for silent by who waited longer than its silence may last', async () => {
      Object.assign(scene().lmStudio.settings, { prefillMilliseconds: 1500 });
      const replies = await Promise.all(
        ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => say(scene(), `word-${id}`, agent(id), { model: 'local' })),
      );
      expect(replies.map(({ litellm }) => litellm['model-id'])).toEqual(Array(7).fill('lm-studio:local'));
      expect(Math.max(...replies.map(({ ms }) => ms))).toBeGreaterThan(silence);
    });

    it('leaves clouds alone', async () => {
      const local = await occupied(scene(), 3000);
      const asked = { model: 'claude-haiku-4-5', max_tokens: 16, messages: [{ role: 'user', content: 'hello' }] };
      const cloud = await ask(scene().gateway, asked);
      expect(cloud).toMatchObject({ status: 200 });
      expect(scene().lmStudio.requests[0]?.answer.milliseconds).toBeUndefined();
      expect((await local.reply).status).toBe(200);
    });

    it.each([true, false])('never hears of who left while waiting (streamed: %s)', async (stream) => {
      const first = await occupied(scene(), 1500);
      await expect(say(scene(), 'word-gone', talk, { stream, patience: 700 })).rejects.toThrow(/timeout/);
      await say(scene(), 'word-last', agent('a'));
      await first.reply;
      expect(heard(scene()).said).toEqual(['word-first', 'word-last']);
    });

    it.each([true, false])('is free at once when the one before leaves (streamed: %s)', async (stream) => {
      Object.assign(scene().lmStudio.settings, { prefillMilliseconds: 60_000 });
      const gone = say(scene(), 'word-gone', talk, { stream, patience: 1500 });
      await expect.poll(() => heard(scene()).said).toEqual(['word-gone']);
      Object.assign(scene().lmStudio.settings, { prefillMilliseconds: 0 });
      const next = say(scene(), 'word-next', talk, { patience: 10_000 });
      await expect(gone).rejects.toThrow(/timeout/);
      expect((await next).status).toBe(200);
    });

    it.each([
      ['refuses', { does: 'status', status: 500 }],
      ['breaks off before a word', { does: 'disconnect' }],
      ['breaks off in the middle', { does: 'die', afterEvents: 4 }],
      ['does not stream', { does: 'status', status: 200, body: { type: 'message', content: [] } }],
      ['says nothing at all', { does: 'status', status: 204 }],
    ] as const)('is free when it %s', async (_, fault) => {
      scene().lmStudio.settings.faults.push({ on: 'generation', times: 1, ...fault });
      await say(scene(), 'word-first', talk);
      expect((await say(scene(), 'word-next', talk, { patience: 5000 })).status).toBe(200);
    });
  });
});

describe('an LM Studio that says how many it answers at once', () => {
  besideOneGpu({ LOCAL_PARALLEL: '' }, (scene) => {
    it('gets that many', async () => {
      for (const { loaded_instances } of scene().lmStudio.settings.models)
        for (const { config } of loaded_instances) Object.assign(config, { parallel: 2 });
      await say(scene(), 'word-first', talk);
      await sleep(300);
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => say(scene(), `word-${id}`, agent(id))));
      expect(heard(scene()).atOnce).toBe(2);
    });
  });
});

describe('an LM Studio that is waited for no longer than a second', () => {
  besideOneGpu({ LOCAL_PARALLEL: '1', BUSY_TO_CLOUD_AFTER: '1', BUSY_TO_CLOUD_FOR: 'local' }, (scene) => {
    it.each([true, false])(
      'has the cloud in its place, but never for the strict name (streamed: %s)',
      async (stream) => {
        const first = await occupied(scene(), 5000);
        const strict = say(scene(), 'word-strict', talk);
        const reply = await say(scene(), 'word-busy', agent('a'), { model: 'local', stream });
        expect(scene().lmStudio.requests.at(-1)?.answer.milliseconds).toBeUndefined();
        expect([reply.status, reply.litellm['model-id']]).toEqual([200, 'claude-api:claude-haiku-4-5']);
        expect([(await first.reply).status, (await strict).status]).toEqual([200, 200]);
        expect(heard(scene()).said).toEqual(['word-first', 'word-strict']);
        const logged = await requestsBetween(host, scene().gateway.requestLogDir, 0, Date.now());
        const [line] = logged.filter(({ from }) => from === 'lm-studio:local').slice(-1);
        expect(line).toMatchObject({ cause: 'rate-limited', answered: 'claude-api:claude-haiku-4-5' });
        expect(line?.queuedMs).toBeGreaterThan(900);
      },
    );
  });
});
