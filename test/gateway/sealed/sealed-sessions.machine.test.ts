import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestsBetween } from '../../../src/components/gateway/request-log.ts';
import { RealHost } from '../../../src/host/real-host.ts';
import { createMasking } from '../../../src/host/secret.ts';
import { type ClaudeRun, runClaude } from '../claude-client.ts';
import { ask, claudeRequest, type GatewayReply } from '../messages-client.ts';
import { type Scene, setScene } from '../scene.ts';
import { canary, leaked, type SealedHome, sealedHome } from './canaries.ts';

const sonnet = 'claude-sonnet-4-6';
const strict = 'lm-studio:local-only';
const cloud = `claude-api:${sonnet}`;
const host = new RealHost({ uid: 0, env: {}, backupFolder: '/nowhere', masking: createMasking() });

let home: SealedHome;
let scene: Scene;
beforeAll(async () => {
  home = sealedHome();
  scene = await setScene({ environment: home.environment });
});
afterAll(async () => {
  await scene?.close();
  rmSync(home.home, { recursive: true, force: true, maxRetries: 5 });
});
beforeEach(() => scene.reset());

const plain = { thinking: undefined, output_config: undefined };
function say(said: string, session: string, more: object = {}): Promise<GatewayReply> {
  const user_id = JSON.stringify({ device_id: 'd', account_uuid: '', session_id: session });
  const request = claudeRequest(sonnet, said, { ...plain, metadata: { user_id }, ...more });
  return ask(scene.gateway, request);
}
const byWhom = async (reply: Promise<GatewayReply>): Promise<unknown> => (await reply).litellm['model-id'];

describe('a session that had text of a sealed folder', () => {
  it('is sealed for good, killed gateway or not, and no other one is', async () => {
    const [sealed, other] = [randomUUID(), randomUUID()];
    expect(await byWhom(say('hello', sealed))).toBe(cloud);
    expect(await byWhom(say(canary, sealed))).toBe(strict);
    expect(await byWhom(say('hello', sealed))).toBe(strict);
    await scene.gateway.killAndStart(home.environment);
    expect(await byWhom(say('hello', sealed))).toBe(strict);
    expect(await byWhom(say('hello', other))).toBe(cloud);
    expect(await byWhom(say(`see the transcript ${sealed}.jsonl`, other))).toBe(strict);
    expect(await byWhom(say('hello', other))).toBe(strict);
    const search = { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] };
    expect(await byWhom(say('what is new about birds', sealed, search))).toBe(strict);
    // A line that was cut off spoils none behind it.
    const file = `${scene.gateway.requestLogDir}/sealed-sessions`;
    appendFileSync(file, randomUUID().slice(0, 20));
    const third = randomUUID();
    expect(await byWhom(say(canary, third))).toBe(strict);
    expect(readFileSync(file, 'utf8').split('\n')).toContain(third);
    expect(leaked(scene)).toEqual([]);
  });

  it('is told in the log, and what it asked for', async () => {
    const session = randomUUID();
    await say(canary, session);
    await expect
      .poll(async () => await requestsBetween(host, scene.gateway.requestLogDir, 0, Date.now()), { timeout: 10_000 })
      .toContainEqual(expect.objectContaining({ session, rule: 'sealed-folder', asked: sonnet, answered: strict }));
  });

  it('has its tokens counted at home', async () => {
    const response = await fetch(`${scene.gateway.url}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${scene.gateway.key}` },
      body: JSON.stringify({ model: sonnet, messages: [{ role: 'user', content: canary }] }),
    });
    expect(response.status).toBe(200);
    expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
  });

  it('is told why, where it does not fit or finds nobody, and goes nowhere', async () => {
    const large = await say(`${canary} ${'lorem ipsum '.repeat(70_000)}`, randomUUID());
    expect([large.status, large.error]).toEqual([
      400,
      expect.stringMatching(/prompt is too long.*stays local.*explain sealed-conversation/),
    ]);
    await scene.stopLmStudio();
    for (const stream of [false, true]) {
      const reply = await say(canary, randomUUID(), { stream });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.error).toMatch(/the local server at \S+ cannot be reached.*stays local/);
    }
    await scene.startLmStudio();
    expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
  });
});

describe('the real Claude Code', () => {
  const work = (): string => `${home.home}/work`;
  beforeAll(() => {
    mkdirSync(work());
    symlinkSync(`${home.folder}/notes.md`, `${work()}/plain.md`);
  });
  const run = (...args: readonly string[]): Promise<ClaudeRun> =>
    runClaude(scene, work(), sonnet, ['--dangerously-skip-permissions', ...args], {
      IS_SANDBOX: '1',
      CLAUDE_CODE_GATEWAY_HINT_HEADERS: '1',
      ANTHROPIC_CUSTOM_HEADERS: 'x-claude-routing: claude-routed',
    });
  const sessions = async (): Promise<readonly string[]> => {
    const all = await requestsBetween(host, scene.gateway.requestLogDir, 0, Date.now());
    return all.flatMap(({ session }) => session ?? []);
  };

  it('goes on at home: continued, summarised, forked, and forked after the summary', async () => {
    const call = `use the tool Bash with ${JSON.stringify({ command: 'cat plain.md', description: 'x' })}`;
    await run('-p', call);
    expect(scene.anthropic.requests).toHaveLength(1);
    const asked = scene.anthropic.requests.length;
    const runs = [
      ['--continue', '-p', 'hello'],
      ['--continue', '--fork-session', '-p', 'hello'],
      ['--continue', '-p', '/compact'],
      ['--continue', '-p', 'hello'],
      ['--continue', '--fork-session', '-p', 'hello'],
      [
        '--continue',
        '-p',
        `use the tool Agent with ${JSON.stringify({ prompt: 'hello', description: 'x', subagent_type: 'general-purpose' })}`,
      ],
    ];
    const ids: (string | undefined)[] = [];
    for (const args of runs) {
      await run(...args);
      ids.push((await sessions()).at(-1));
      expect(scene.anthropic.requests).toHaveLength(asked);
    }
    const [continued, forked, summarised, behind, forkedBehind] = ids;
    expect(new Set([continued, forked, forkedBehind]).size).toBe(3);
    expect([summarised, behind]).toEqual([forked, forked]);
    // Nothing is left of the text; what gives it away is the path of the transcript, with the id of the session before.
    const last = JSON.stringify(scene.lmStudio.requests.at(-1)?.body);
    expect(last).not.toMatch(/canary/i);
    expect(last).toContain(`${forked}.jsonl`);
    expect(leaked(scene)).toEqual([]);
  });
});
