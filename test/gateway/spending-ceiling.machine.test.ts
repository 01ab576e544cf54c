import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { proof } from '../../src/components/proof/step.ts';
import type { AnswersInput } from '../../src/config/schema.ts';
import type { Context } from '../../src/context.ts';
import type { CaseResult } from '../../src/failover-test/drill-case.ts';
import { runningCases } from '../../src/failover-test/running-cases.ts';
import { tryCases } from '../../src/failover-test/try-cases.ts';
import type { Probe } from '../../src/host/host.ts';
import { exchange } from '../../src/host/http-client.ts';
import { Secret } from '../../src/host/secret.ts';
import { runClaude } from './claude-client.ts';
import { litellmEnvironment } from './litellm-program.ts';
import { forgetLog, type Line, loggedLines } from './logged-lines.ts';
import { ask, claudeRequest, type GatewayReply } from './messages-client.ts';
import { type Scene, sceneAnswers, setScene } from './scene.ts';

const run = promisify(execFile);
const sonnet = 'claude-sonnet-4-6';
const paid = 'foundry/claude-haiku-4-5';
const unpriced = 'foundry/claude-of-nobody';
const ceiling = 5;
const answers: Partial<AnswersInput> = {
  cloud: {
    anthropic: { models: { sonnet } },
    foundry: {
      resource: 'my-resource',
      deployments: {
        haiku: { deployment: 'cheap-one', model: 'claude-haiku-4-5' },
        opus: { deployment: 'cheap-two', model: 'claude-of-nobody' },
      },
      prices: { haiku: { input: 100, output: 500, cacheRead: 10, cacheWrite: 125 } },
    },
  },
  failover: { allowed: true },
  spending: { perDay: ceiling, atCeiling: 'local' },
};

let scene: Scene;
let home: string;
beforeAll(async () => {
  scene = await setScene({ answers });
  home = await mkdtemp(`${tmpdir()}/ceiling-`);
});
afterAll(async () => {
  await scene?.close();
  if (home !== undefined) await rm(home, { recursive: true, force: true });
});
afterEach(async () => {
  scene.reset();
  // The ledger is the log: without it nothing is spent.
  await forgetLog(scene.gateway);
});

/** The lines of requests, when there are so many. */
async function requests(number: number): Promise<readonly Line[]> {
  const ended = async () => (await loggedLines(scene.gateway)).filter((line) => 'asked' in line);
  await expect.poll(async () => (await ended()).length, { timeout: 10_000 }).toBe(number);
  return await ended();
}

/** Where LiteLLM's own files are. */
async function packages(): Promise<string> {
  const library = `${await litellmEnvironment()}/lib`;
  const python = (await readdir(library)).find((name) => name.startsWith('python3.'));
  return `${library}/${python}/site-packages`;
}

/** Somebody else's line: so much was spent, now or so many days ago. */
async function spend(cost: number, daysAgo = 0): Promise<void> {
  const at = new Date(Date.now() - daysAgo * 86_400_000).toISOString();
  const line = {
    v: 1,
    at,
    session: null,
    asked: sonnet,
    answered: `claude-api:${sonnet}`,
    from: null,
    cause: null,
    cost,
  };
  await appendFile(`${scene.gateway.requestLogDir}/${at.slice(0, 7)}.jsonl`, `${JSON.stringify(line)}\n`);
}

function asked(): { readonly claude: number; readonly azure: number; readonly local: number } {
  return {
    claude: scene.anthropic.requests.length,
    azure: scene.foundry.requests.length,
    local: scene.lmStudio.requests.filter(({ method }) => method === 'POST').length,
  };
}

/** What the clouds charge for, by the price lists of this test: dollars for a million tokens. */
function bill(): number {
  const by = (standIn: Scene['anthropic'] | Scene['foundry'], input: number, output: number): number =>
    standIn.requests
      .flatMap(({ answer: { billed } }) => billed ?? [])
      .reduce(
        (sum, each) =>
          sum +
          (each.input * input + each.read * input * 0.1 + each.written * input * 1.25 + each.output * output) / 1e6,
        0,
      );
  return by(scene.anthropic, 3, 15) + by(scene.foundry, 100, 500);
}

const plain = (model: string, more: Record<string, unknown> = {}): Record<string, unknown> =>
  claudeRequest(model, 'hello', {
    stream: true,
    messages: [{ role: 'user', content: 'hello' }],
    thinking: undefined,
    output_config: undefined,
    ...more,
  });
const sum = (lines: readonly Line[]): number => lines.reduce((all, { cost }) => all + Number(cost ?? 0), 0);

/** What becomes of the promises that a drill and an update try through a gateway, by their ids: where they ask a cloud, and elsewhere. */
async function drilled(): Promise<{ readonly cloud: unknown; readonly elsewhere: readonly unknown[] }> {
  const tried = await tryCases(runningCases(sceneAnswers('192.0.2.1', answers)), {
    ...{ probe: { http: exchange }, url: scene.gateway.url, key: new Secret(scene.gateway.key) },
    clues: { drift: [], fallbacks: { local: [], strict: [] }, configPath: '', containerName: '', local: undefined },
    busy: async (_, work) => await work,
    tell: () => undefined,
    throwIfStopped: () => undefined,
  });
  const isCloud = ({ drilled: { id } }: CaseResult) => id.startsWith('cloud:');
  return {
    cloud: tried.filter(isCloud).map(({ outcome, happened }) => [outcome, happened]),
    elsewhere: tried.filter((one) => !isCloud(one) && one.outcome !== 'held').map(({ drilled: { id } }) => id),
  };
}
const notAsked = ['skipped', 'not asked: the ceiling is reached'];
/** The proof that an installation ends with, through the gateway. */
async function proven() {
  const context = {
    answers: sceneAnswers('192.0.2.1', answers),
    secrets: { gatewayKey: new Secret(scene.gateway.key) },
    layout: { gatewayUrl: scene.gateway.url, containerName: 'litellm' },
  };
  const probe = { http: exchange } as unknown as Probe;
  return await proof.proofs?.find(({ name }) => name === 'cloud')?.run(probe, context as Context, () => undefined);
}

describe('what is counted', () => {
  it('is what the clouds charge, and nobody else', async () => {
    scene.anthropic.settings.cached = { read: 9, written: 5 };
    const mix = [sonnet, paid, 'local', 'claude-sonnet', 'foundry-haiku'];
    for (const stream of [true, false])
      for (const model of mix) expect((await ask(scene.gateway, plain(model, { stream }))).status).toBe(200);
    const lines = await requests(10);
    expect(asked()).toEqual({ claude: 4, azure: 4, local: 2 });
    expect(bill()).toBeGreaterThan(0.01);
    expect(sum(lines)).toBeCloseTo(bill(), 7);
    expect(lines.at(-1)?.dayCost).toBeCloseTo(bill(), 7);
    expect(lines.at(-1)?.dayPercent).toBe(Math.floor((100 * bill()) / ceiling));
    const begun = (await loggedLines(scene.gateway)).filter((line) => 'most' in line);
    expect(begun).toHaveLength(8);
    for (const { held, most } of begun)
      expect(lines.find((line) => line.held === held)?.cost).toBeLessThanOrEqual(Number(most));
  });

  it('is what a cloud does by itself, too: searches, and what an advisor says', async () => {
    const web = { type: 'web_search_20250305', name: 'web_search', max_uses: 4 };
    const advisor = { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-4-8', max_uses: 1 };
    const round = { type: 'message', input_tokens: 10, output_tokens: 50 };
    const advice = { type: 'advisor_message', model: 'claude-opus-4-8', input_tokens: 100, output_tokens: 200 };
    const body = {
      ...{ id: 'msg_1', type: 'message', role: 'assistant', model: sonnet, content: [{ type: 'text', text: 'so' }] },
      ...{ stop_reason: 'end_turn', stop_sequence: null },
      usage: {
        ...{ input_tokens: 20, output_tokens: 100, server_tool_use: { web_search_requests: 4 } },
        iterations: [round, advice, round],
      },
    };
    scene.anthropic.settings.faults.push({ on: 'generation', does: 'status', status: 200, body });
    const reply = await ask(scene.gateway, plain(sonnet, { stream: false, tools: [web, advisor] }));
    expect(reply).toMatchObject({ status: 200, text: 'so' });
    const [line] = await requests(1);
    expect(line?.cost).toBeCloseTo((20 * 3 + 100 * 15 + 100 * 5 + 200 * 25) / 1e6 + 4 * 0.01, 7);
    const [begun] = (await loggedLines(scene.gateway)).filter((line) => 'most' in line);
    expect(Number(begun?.most)).toBeGreaterThan(Number(line?.cost));
    // A cloud whose searches have no price in the list.
    await ask(scene.gateway, plain(paid, { tools: [web] }));
    expect(Number((await loggedLines(scene.gateway)).findLast((line) => 'most' in line)?.most)).toBeGreaterThan(0.04);
  });

  it('is all that the price list has a price for, in a request to a Claude', async () => {
    const list = await readFile(`${await packages()}/litellm/model_prices_and_context_window_backup.json`, 'utf8');
    const priced = Object.entries(JSON.parse(list) as Record<string, Record<string, unknown>>).filter(
      ([name, { litellm_provider: at }]) => name.includes('claude') && (at === 'anthropic' || at === 'azure_ai'),
    );
    const names = new Set(priced.flatMap(([, prices]) => Object.keys(prices)));
    // Batches are not offered.
    const costs = [...names].filter((name) => /cost|price|_entry$/.test(name) && !name.endsWith('_batches'));
    const tokens = [
      ...['input_cost_per_token', 'output_cost_per_token', 'cache_read_input_token_cost'],
      ...['cache_creation_input_token_cost', 'cache_creation_input_token_cost_above_1hr'],
    ];
    const long = tokens.map((name) => `${name}_above_100k_tokens`);
    expect(costs.sort()).toEqual(
      [...tokens, ...long, 'provider_specific_entry', 'search_context_cost_per_query'].sort(),
    );
  });

  it('is of today alone', async () => {
    await spend(1000, 1);
    expect((await ask(scene.gateway, plain(sonnet))).text).toContain('on the Claude API');
  });

  it('has a model whose price nobody knows answered at home', async () => {
    const reply = await ask(scene.gateway, plain(unpriced));
    expect(reply.text).toContain('on LM Studio');
    expect(asked()).toMatchObject({ azure: 0 });
  });
});

describe('ten clients at once, just below the ceiling', () => {
  it('spend no more than what was under way', async () => {
    await spend(ceiling - 0.000001);
    scene.anthropic.settings.delayMilliseconds = 700;
    const first = await Promise.all(Array.from({ length: 10 }, () => ask(scene.gateway, plain(sonnet))));
    const underWay = asked().claude;
    const overshoot = bill();
    const later = await Promise.all(Array.from({ length: 10 }, () => ask(scene.gateway, plain(sonnet))));
    expect(first.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(later.every(({ text }) => text.includes('on LM Studio'))).toBe(true);
    expect(asked().claude).toBe(underWay);
    expect(underWay).toBeLessThanOrEqual(10);
    expect(bill()).toBe(overshoot);
    expect(sum(await requests(21)) - ceiling).toBeLessThanOrEqual(overshoot);
  });
});

describe('at the ceiling, with the local model chosen', () => {
  it.each([sonnet, 'claude-sonnet', paid])('%s is answered by it, and that is logged', async (model) => {
    await spend(ceiling);
    for (const stream of [true, false]) {
      const reply = await ask(scene.gateway, plain(model, { stream, max_tokens: 128_000 }));
      expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('on LM Studio') });
    }
    expect(asked()).toEqual({ claude: 0, azure: 0, local: 2 });
    const from = expect.stringMatching(/^(claude-api|foundry):/);
    expect((await requests(3)).at(-1)).toMatchObject({
      asked: model,
      answered: 'lm-studio:local-only',
      from,
      cause: 'ceiling',
    });
  });

  it('is no broken promise of a drill, and no failed proof', async () => {
    await spend(ceiling);
    expect(await drilled()).toEqual({ cloud: [notAsked, notAsked], elsewhere: [] });
    expect(await proven()).toMatchObject({ ok: true, value: { note: expect.stringContaining('local-only') } });
    expect(asked()).toMatchObject({ claude: 0, azure: 0 });
  });

  it('a conversation too large for the local window is not sent there, and that is said', async () => {
    await spend(ceiling);
    const messages = [{ role: 'user', content: 'x '.repeat(2 * 70_000) }];
    const reply = await ask(scene.gateway, plain(sonnet, { messages }));
    expect(reply.status).toBe(402);
    expect(reply.error).toMatch(
      /ceiling of \$5\.00 a day is reached.*this conversation has about 7\d,\d{3} tokens.*window 65,536/s,
    );
    expect(asked()).toEqual({ claude: 0, azure: 0, local: 0 });
    expect((await requests(2)).at(-1)).toMatchObject({ answered: null, cause: 'ceiling', status: 402 });
  });

  it('nobody answers when the local model cannot either, and no failover leads to a cloud', async () => {
    await spend(ceiling);
    scene.lmStudio.settings.faults.push({ on: 'generation', does: 'status', status: 500 });
    const reply = await ask(scene.gateway, plain(sonnet));
    expect(reply.status).toBe(402);
    expect(reply.error).toMatch(/ceiling.*\(the local model did not answer\)$/s);
    const failedOver = await ask(scene.gateway, plain('local'));
    expect(failedOver.status).toBe(402);
    expect(failedOver.error).toContain('the ceiling of $5.00 a day is reached');
    expect(asked()).toMatchObject({ claude: 0, azure: 0 });
  });

  it('what does not fit the local window is told so that the client compacts', async () => {
    await spend(ceiling);
    const reply = await ask(
      scene.gateway,
      plain('local', { messages: [{ role: 'user', content: 'lorem ipsum '.repeat(30_000) }] }),
    );
    expect(reply).toMatchObject({ status: 400, error: expect.stringContaining('prompt is too long') });
    expect(asked()).toMatchObject({ claude: 0, azure: 0 });
  });

  it('no other way leads to a cloud', async () => {
    await spend(ceiling);
    const { url, key } = scene.gateway;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const messages = [{ role: 'user', content: 'hello' }];
    for (const model of [sonnet, `claude-api:${sonnet}`])
      for (const path of ['/v1/chat/completions', '/v1/responses', '/v1/completions']) {
        const body = JSON.stringify({ model, messages, input: 'hello', prompt: 'hello', max_tokens: 9 });
        expect((await fetch(`${url}${path}`, { method: 'POST', headers, body })).status).toBeGreaterThanOrEqual(400);
      }
    const byId = await ask(scene.gateway, plain(`claude-api:${sonnet}`));
    expect(byId.status).toBeGreaterThanOrEqual(400);
    await fetch(`${url}/health`, { headers });
    expect(asked()).toMatchObject({ claude: 0, azure: 0 });
  });
});

describe('a log that cannot be written', () => {
  const refused =
    'there is a ceiling for what is spent, and that cannot be written down:  claude-routing-install doctor';
  const local = async () => expect((await ask(scene.gateway, plain('local-only'))).text).toContain('on LM Studio');

  it.each(['mkdir', 'mkfifo', 'ln -s /dev/full', 'ln -s /dev/zero'])(
    'as after %s in the place of its file, keeps clouds from being asked, and nobody else',
    async (made) => {
      const [program = '', ...args] = made.split(' ');
      const file = `${scene.gateway.requestLogDir}/${new Date().toISOString().slice(0, 7)}.jsonl`;
      await run(program, [...args, file]);
      expect(await ask(scene.gateway, plain(sonnet))).toMatchObject({ status: 402, error: refused });
      await local();
      await rm(file, { recursive: true });
      expect((await ask(scene.gateway, plain(sonnet))).text).toContain('on the Claude API');
      expect(asked()).toEqual({ claude: 1, azure: 0, local: 1 });
    },
  );

  it('because the disk is full, or read only, does the same', async () => {
    const { pid, requestLogDir } = scene.gateway;
    const mount = (...args: string[]) => run('nsenter', ['-t', String(pid), '-m', ...args]);
    await mount('mount', '-t', 'tmpfs', '-o', 'size=4k,mode=700', 'tmpfs', requestLogDir);
    const replies: GatewayReply[] = [];
    for (let turn = 0; turn < 12; turn += 1) replies.push(await ask(scene.gateway, plain(sonnet)));
    expect(replies.at(-1)).toMatchObject({ status: 402, error: refused });
    expect(asked().claude).toBe(replies.filter(({ status }) => status === 200).length);
    await local();
    await mount('mount', '-o', 'remount,size=1m', requestLogDir);
    expect((await ask(scene.gateway, plain(sonnet))).status).toBe(200);
    await mount('mount', '-o', 'remount,ro', requestLogDir);
    expect(await ask(scene.gateway, plain(sonnet))).toMatchObject({ status: 402, error: refused });
    await local();
    await mount('umount', '-l', requestLogDir);
    expect((await ask(scene.gateway, plain(sonnet))).status).toBe(200);
  });
});

describe('after SIGKILL', () => {
  it('what was under way counts with the most that it may have cost', async () => {
    await spend(ceiling - 0.5);
    scene.anthropic.settings.pauseMilliseconds = 60_000;
    const cut = ask(scene.gateway, plain(sonnet, { max_tokens: 64_000 })).catch(() => undefined);
    await expect.poll(() => asked().claude).toBe(1);
    scene.anthropic.settings.pauseMilliseconds = 0;
    expect((await ask(scene.gateway, plain(sonnet))).text).toContain('on the Claude API');
    await scene.gateway.killAndStart({ SPENDING_AT_CEILING: 'refuse' });
    await cut;
    const reply: GatewayReply = await ask(scene.gateway, plain(sonnet));
    expect(reply.status).toBe(402);
    expect(reply.error).toMatch(/^the ceiling of \$5\.00 a day is reached \(\$5\.\d\d are spent\)/);
    expect(asked().claude).toBe(2);
  });
});

describe('at the ceiling, with refusal chosen', () => {
  it('a cloud’s name is refused in the client’s own shape, and the local ones are untouched', async () => {
    expect((await ask(scene.gateway, plain(sonnet))).text).toContain('on the Claude API');
    await spend(ceiling);
    const reply = await ask(scene.gateway, plain(sonnet));
    expect(reply.status).toBe(402);
    expect(JSON.parse(reply.body)).toEqual({
      type: 'error',
      error: { type: 'billing_error', message: expect.stringContaining('--set spending.perDay=') },
    });
    for (const model of ['local', 'local-only'])
      expect((await ask(scene.gateway, plain(model))).text).toContain('on LM Studio');
    expect(asked()).toEqual({ claude: 1, azure: 0, local: 2 });
    expect((await requests(5)).filter(({ cause }) => cause === 'ceiling')).toEqual([
      expect.objectContaining({ asked: sonnet, answered: null, status: 402 }),
    ]);
  });

  it('is no broken promise of a drill, and no failed proof', async () => {
    await spend(ceiling);
    expect(await drilled()).toEqual({ cloud: [notAsked, notAsked], elsewhere: [] });
    expect(await proven()).toMatchObject({
      ok: true,
      value: { note: 'not tried: the ceiling is reached', warning: { code: 'ceiling-reached' } },
    });
  });

  it('the real Claude Code shows why, at once', async () => {
    await spend(ceiling);
    const started = Date.now();
    const ran = await runClaude(scene, home, sonnet, ['-p', 'say hi']);
    expect(ran.result).toContain('the ceiling of $5.00 a day is reached');
    expect(Date.now() - started).toBeLessThan(60_000);
    expect(asked()).toMatchObject({ claude: 0, azure: 0 });
  });
});
