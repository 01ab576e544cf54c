import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { causes } from '../../src/components/gateway/request-log.ts';
import { usageJson } from '../commands/usage-box.ts';
import type { Fault } from '../machine/stand-ins/fault.ts';
import { ask, claudeRequest, type GatewayReply } from './messages-client.ts';
import { type Scene, setScene } from './scene.ts';

/** Words that were said to the gateway, or by it, and that must stand in no log. */
const canaries: string[] = [];
const canary = (): string => {
  const word = `canary${randomBytes(8).toString('hex')}`;
  canaries.push(word);
  return word;
};

let scene: Scene;
beforeAll(async () => {
  scene = await setScene({
    change: ({ model_list }) => {
      for (const { litellm_params: parameters } of model_list) {
        if (String(parameters.model).startsWith('lm_studio/'))
          Object.assign(parameters, { timeout: 6, stream_timeout: 6 });
      }
    },
  });
});
afterAll(() => scene.close());

type Line = Readonly<Record<string, unknown>>;

async function logText(): Promise<string> {
  const names = await readdir(scene.gateway.requestLogDir);
  const texts = await Promise.all(names.map((name) => readFile(`${scene.gateway.requestLogDir}/${name}`, 'utf8')));
  return texts.join('');
}

async function lines(): Promise<readonly Line[]> {
  const text = await logText();
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

const session = randomUUID();
const launcher = { 'x-claude-routing': 'claude-local' };
const hints = { 'x-claude-code-request-class': 'subagent', 'x-claude-code-agent-type': 'Explore' };
/** A request whose every free text is a canary. */
function request(model: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const tool = { name: canary(), description: canary(), input_schema: { type: 'object' } };
  return claudeRequest(model, canary(), {
    system: [{ type: 'text', text: canary() }],
    tools: [tool, { ...tool, name: canary() }],
    metadata: { user_id: `user_${canary()}_account__session_${session}` },
    ...more,
  });
}
const forCloud = (): Record<string, unknown> => ({
  messages: [{ role: 'user', content: canary() }],
  thinking: undefined,
});
const streamed = { stream: true };

interface Sent {
  readonly reply: GatewayReply;
  /** The lines that this request alone has made. */
  readonly made: readonly Line[];
}

async function send(
  body: Record<string, unknown>,
  { fault, key, headers = launcher }: { fault?: Fault; key?: string | null; headers?: Record<string, string> } = {},
): Promise<Sent> {
  const before = (await lines()).length;
  if (fault !== undefined) scene.lmStudio.settings.faults.push(fault);
  const reply = await ask(scene.gateway, body, key === undefined ? scene.gateway.key : key, headers);
  // A second line would come a little later.
  await sleep(300);
  return { reply, made: (await lines()).slice(before) };
}

const fail = (status: number): Fault => ({
  on: 'generation',
  times: 1,
  does: 'status',
  status,
  body: { error: { message: canary() } },
});
const haiku = 'claude-api:claude-haiku-4-5';
const local = 'lm-studio:local';
const strict = 'lm-studio:local-only';
const long = (): string => `${canary()} lorem ipsum `.repeat(12_000);

describe('the first line that a gateway writes', () => {
  it('has the log of past months compressed, but for the newest of them', async () => {
    const { requestLogDir } = scene.gateway;
    for (const month of ['2020-01', '2020-02']) await writeFile(`${requestLogDir}/${month}.jsonl`, '\n');
    const past = async () => (await readdir(requestLogDir)).filter((name) => name.startsWith('2020')).sort();
    await ask(scene.gateway, request('local'), scene.gateway.key, launcher);
    await expect.poll(past).toEqual(['2020-01.jsonl.gz', '2020-02.jsonl']);
    for (const name of await readdir(requestLogDir)) await rm(`${requestLogDir}/${name}`);
  });
});

describe('a request has one line', () => {
  function expectOne({ made, reply }: Sent, line: Line): void {
    expect(made).toEqual([expect.objectContaining(line)]);
    expect(made[0]?.status).toBe(reply.status);
    if (made[0]?.answered !== null) expect(made[0]?.answered).toBe(reply.litellm['model-id']);
  }
  const strikes = (does: 'silence' | 'disconnect'): Fault => ({ on: 'generation', times: 1, does });

  it.each<[cause: string, fault: Fault, more?: object]>([
    ['server-error', fail(500)],
    ['server-error', fail(503)],
    ['rate-limited', fail(429)],
    ['refused-key', fail(401)],
    ['not-found', fail(404), streamed],
    ['timeout', strikes('silence'), streamed],
    ['broken-off', strikes('disconnect'), streamed],
    ['broken-off', { on: 'generation', times: 1, does: 'die', afterEvents: 0 }, streamed],
  ])('failed over: %s', async (cause, fault, more = {}) => {
    const line = { answered: haiku, from: local, cause, status: 200 };
    expectOne(await send(request('local', { ...more }), { fault }), line);
  });

  const offline = { 'x-claude-routing': 'claude-offline; local-only' };
  const nobody = { answered: null, from: null };
  it.each<[name: string, body: Record<string, unknown>, line: Line, how?: Parameters<typeof send>[1]]>([
    ['answered', request('local'), { asked: 'local', answered: local, status: 200, streamed: false }],
    [
      'streamed',
      request('local', streamed),
      { asked: 'local', answered: local, from: null, cause: null, status: 200, streamed: true, tools: 2, cost: 0 },
    ],
    [
      'answered by the cloud',
      request('claude-haiku-4-5', { ...forCloud(), ...streamed }),
      { asked: 'claude-haiku-4-5', answered: haiku, from: null, cause: null },
    ],
    [
      'answered by Foundry',
      request('foundry/claude-haiku-4-5', forCloud()),
      { answered: 'foundry:claude-haiku-4-5', from: null, cause: null },
    ],
    [
      'failed because nothing came',
      request('local-only'),
      { ...nobody, cause: 'timeout', status: 408 },
      { fault: strikes('silence') },
    ],
    [
      'failed for good',
      request('local-only', streamed),
      { ...nobody, cause: 'server-error', status: 500, streamed: true, firstMs: null },
      { fault: fail(500) },
    ],
    [
      'too long',
      request('local-only', { ...streamed, messages: [{ role: 'user', content: long() }] }),
      { answered: null, cause: 'too-long', status: 400, tools: 2 },
    ],
    [
      'refused because it is local only',
      request('claude-haiku-4-5', forCloud()),
      { launcher: 'claude-offline', answered: null, cause: 'refused', status: 400 },
      { headers: offline },
    ],
    [
      'with a wrong key',
      request('local'),
      { launcher: null, answered: null, cause: 'turned-away', status: 400 },
      { key: `sk-${canary()}` },
    ],
    ['without a key', request('local'), { cause: 'turned-away', status: 401 }, { key: null }],
    [
      'for a name that does not exist',
      request('no-such-model'),
      { asked: 'no-such-model', answered: null, cause: 'not-found', status: 400 },
    ],
    ['for no name', request(`${canary()} said in the wrong place`), { asked: null, cause: 'not-found' }],
    ['that cannot be understood', { model: 'local' }, { cause: 'bad-request', status: 400, tools: 0 }],
    [
      'from an unknown program',
      request('local', { metadata: {} }),
      { launcher: null, session: null, answered: local },
      { headers: { 'x-claude-routing': canary(), 'x-claude-code-session-id': canary() } },
    ],
  ])('%s', async (_, body, line, how) => expectOne(await send(body, how), line));

  it('when LM Studio is stopped', async () => {
    await scene.stopLmStudio();
    const { made } = await send(request('local', streamed));
    const { made: strictly } = await send(request('local-only', streamed));
    await scene.startLmStudio();
    expect(made).toEqual([expect.objectContaining({ answered: haiku, from: local, cause: 'unreachable' })]);
    expect(strictly).toEqual([expect.objectContaining({ answered: null, from: null, cause: 'unreachable' })]);
  });

  it('when the stream dies after its first words, with who said them', async () => {
    const fault: Fault = { on: 'generation', times: 1, does: 'die', afterEvents: 5 };
    const { made } = await send(request('local-only', streamed), { fault });
    expect(made).toEqual([expect.objectContaining({ answered: strict, from: null, cause: 'broken-off', status: 200 })]);
  });

  it('whatever id a client gives it, and gives again', async () => {
    const before = (await lines()).length;
    for (let time = 0; time < 2; time += 1)
      await ask(scene.gateway, request('local'), scene.gateway.key, { ...launcher, 'x-litellm-call-id': 'the-same' });
    await expect.poll(async () => (await lines()).length, { timeout: 10_000 }).toBe(before + 2);
  });

  it.each([
    ['in the middle of an answer', { pauseMilliseconds: 1500 }, local],
    ['before its first word', { prefillMilliseconds: 30_000 }, null],
  ])('when the client leaves %s', async (_, slow, answered) => {
    const before = (await lines()).length;
    const heard = () => scene.lmStudio.requests.filter(({ method }) => method === 'POST').length;
    const heardBefore = heard();
    Object.assign(scene.lmStudio.settings, slow);
    const { url, key } = scene.gateway;
    const leaving = new AbortController();
    const asked = fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...launcher },
      body: JSON.stringify(request('local', streamed)),
      signal: leaving.signal,
    });
    if (answered === null) await expect.poll(heard, { timeout: 30_000 }).toBe(heardBefore + 1);
    else await asked;
    leaving.abort();
    await expect(asked.then((response) => response.text())).rejects.toThrow();
    Object.assign(scene.lmStudio.settings, { pauseMilliseconds: 0, prefillMilliseconds: 0 });
    await expect
      .poll(async () => (await lines()).slice(before), { timeout: 10_000 })
      .toEqual([expect.objectContaining({ answered, from: null, cause: 'cancelled' })]);
  });
});

describe('what a line says', () => {
  it('is flat, in a fixed order, and true', async () => {
    const started = Date.now();
    scene.lmStudio.settings.prefillMilliseconds = 700;
    const headers = { ...launcher, ...hints, 'x-claude-routing': 'claude-local; in-0123abcd' };
    const { made } = await send(request('local', streamed), { headers });
    scene.lmStudio.settings.prefillMilliseconds = 0;
    const [line] = made;
    expect(Object.keys(line ?? {})).toEqual(
      'v at launcher session asked rule kinds agent directories size answered from cause status streamed tools firstMs ms promptTokens cachedTokens outputTokens cost replaced saved sessionCost sessionUnpriced dayCost dayUnpriced monthCost'.split(
        ' ',
      ),
    );
    expect(line).toMatchObject({ v: 1, launcher: 'claude-local', session, tools: 2, cachedTokens: 0, cost: 0 });
    expect(line).toMatchObject({ rule: null, kinds: 'subagent', agent: 'Explore', directories: 'in-0123abcd' });
    expect(line?.size).toBeGreaterThan(20);
    expect(Date.parse(String(line?.at))).toBeGreaterThan(started);
    expect(line?.firstMs).toBeGreaterThanOrEqual(700);
    expect(line?.ms).toBeGreaterThanOrEqual(Number(line?.firstMs));
    expect(line?.promptTokens).toBe(scene.lmStudio.requests.at(-1)?.answer.promptTokens);
    expect(line?.outputTokens).toBeGreaterThan(1);
  });

  it('takes the session from the client itself where it says it in a header', async () => {
    const own = randomUUID();
    const { made } = await send(request('local'), { headers: { ...launcher, 'x-claude-code-session-id': own } });
    expect(made[0]?.session).toBe(own);
  });

  it('costs what the price list says', async () => {
    const { made } = await send(request('claude-haiku-4-5', forCloud()));
    const { promptTokens, outputTokens, cost } = made[0] ?? {};
    expect(cost).toBeCloseTo(Number(promptTokens) * 1e-6 + Number(outputTokens) * 5e-6, 8);
    expect(cost).toBeGreaterThan(0);
  });

  it('costs less for what came from the cache and more for what was put there', async () => {
    scene.anthropic.settings.cached = { read: 8, written: 4, hour: 3 };
    const { made } = await send(request('claude-haiku-4-5', { ...forCloud(), ...streamed }));
    scene.anthropic.settings.cached = { read: 0, written: 0 };
    const { input = 0, output = 0 } = scene.anthropic.requests.at(-1)?.answer.billed ?? {};
    expect(made[0]?.cost).toBeCloseTo((input * 1 + 8 * 0.1 + 1 * 1.25 + 3 * 2 + output * 5) / 1e6, 9);
    expect(made[0]).toMatchObject({ cachedTokens: 8, writtenTokens: 4, hourTokens: 3 });
  });

  it('has what the local answer would have cost in the cloud, and what session, day and month have cost by now', async () => {
    const { made } = await send(request('local', { metadata: {} }));
    const [line] = made;
    expect(line).toMatchObject({ replaced: 'claude-api:claude-sonnet-4-6', sessionCost: 0, sessionUnpriced: 0 });
    expect(line?.saved).toBeCloseTo((Number(line?.promptTokens) * 3 + Number(line?.outputTokens) * 15) / 1e6, 8);
    const marked = async (mark: object) => {
      const block = { type: 'text', text: canary(), cache_control: { type: 'ephemeral', ...mark } };
      const { made } = await send(request('local', { messages: [{ role: 'user', content: [block] }] }));
      const line: Line = made[0] ?? {};
      return { line, prompt: Number(line.promptTokens), output: Number(line.outputTokens) };
    };
    // Nothing of it came from a cache, so the cloud would have put all of it there.
    const five = await marked({});
    expect(five.line).toMatchObject({ writtenTokens: five.prompt, cost: 0 });
    expect(five.line.saved).toBeCloseTo((five.prompt * 3.75 + five.output * 15) / 1e6, 8);
    const hour = await marked({ ttl: '1h' });
    expect(hour.line).toMatchObject({ writtenTokens: hour.prompt, hourTokens: hour.prompt });
    expect(hour.line.saved).toBeCloseTo((hour.prompt * 6 + hour.output * 15) / 1e6, 8);
    const paid = (await lines()).reduce((sum, { cost }) => sum + Number(cost), 0);
    expect(line?.dayCost).toBeCloseTo(paid, 7);
    expect(line?.monthCost).toBeCloseTo(paid, 7);
  });
});

it('has no line for what is no request for an answer', async () => {
  const before = (await lines()).length;
  const { url, key } = scene.gateway;
  const authorization = `Bearer ${key}`;
  const count = await fetch(`${url}/v1/messages/count_tokens`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'local', messages: [{ role: 'user', content: canary() }] }),
  });
  const others = ['/v1/models', '/health/readiness', '/health/liveliness'].map((path) =>
    fetch(`${url}${path}`, { headers: { authorization } }),
  );
  const wrong = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer sk-${canary()}` } });
  expect([count.status, ...(await Promise.all(others)).map(({ status }) => status)]).toEqual([200, 200, 200, 200]);
  expect(wrong.status).toBe(400);
  await sleep(500);
  expect((await lines()).length).toBe(before);
});

describe('the whole log', () => {
  it('has not a word of what was said', async () => {
    const text = await logText();
    const words = [...canaries, scene.gateway.key, 'coding agent', 'lorem', 'You said', 'on LM Studio', 'on demand'];
    expect(canaries.length).toBeGreaterThan(100);
    expect(words.filter((word) => text.includes(word))).toEqual([]);
  });

  it('uses known words for causes alone', async () => {
    const used = new Set((await lines()).map(({ cause }) => cause).filter((cause) => cause !== null));
    expect([...used].filter((cause) => !causes.some((known) => known === cause))).toEqual([]);
    expect(used.size).toBeGreaterThanOrEqual(9);
  });

  it("is the person's alone, and says nothing on standard error", async () => {
    const names = await readdir(scene.gateway.requestLogDir);
    expect(names).toEqual([`${new Date().toISOString().slice(0, 7)}.jsonl`]);
    expect((await stat(`${scene.gateway.requestLogDir}/${names[0]}`)).mode & 0o777).toBe(0o600);
    expect(scene.gateway.log()).not.toContain('request log:');
  });
});

describe('usage', () => {
  it("tells the stand-ins' own count after a known mix", async () => {
    const { lmStudio, anthropic, foundry, gateway } = scene;
    scene.reset();
    await rm(`${gateway.requestLogDir}/${(await readdir(gateway.requestLogDir))[0]}`);
    const mix = [
      ...Array.from({ length: 5 }, () => () => send(request('local', streamed))),
      ...Array.from({ length: 3 }, () => () => send(request('claude-haiku-4-5', forCloud()))),
      ...Array.from(
        { length: 2 },
        () => () => send(request('foundry/claude-sonnet-4-6', { ...forCloud(), ...streamed })),
      ),
      () => send(request('local'), { fault: fail(500) }),
      () => send(request('local', streamed), { fault: fail(429) }),
      () =>
        send(request('local-only'), {
          fault: fail(500),
          headers: { 'x-claude-routing': 'claude-offline; local-only' },
        }),
    ];
    for (const one of mix) await one();

    const usage = await usageJson(gateway.requestLogDir);
    const answered = (standIn: Scene['lmStudio'] | Scene['anthropic'] | Scene['foundry']) =>
      standIn.requests.filter(({ answer }) => answer.status === 200);
    const of = (backend: string) => usage.backends.find((row) => row.backend === backend);
    for (const [backend, standIn] of [
      ['local', lmStudio],
      ['anthropic', anthropic],
      ['foundry', foundry],
    ] as const) {
      const own = answered(standIn);
      const promptTokens = own.reduce((sum, { answer }) => sum + (answer.promptTokens ?? 0), 0);
      expect([backend, of(backend)?.requests, of(backend)?.promptTokens]).toEqual([backend, own.length, promptTokens]);
    }
    expect(usage.total).toMatchObject({ requests: 13, local: 5, cloud: 7, failovers: 2, failed: 1, unpriced: 0 });
    expect(usage.causes).toEqual([
      { cause: 'server-error', failovers: 1, failed: 1 },
      { cause: 'rate-limited', failovers: 1, failed: 0 },
    ]);
    expect(usage.launchers.map((row) => [row.launcher, row.requests])).toEqual([
      ['claude-local', 12],
      ['claude-offline', 1],
    ]);
    expect(usage.days.at(-1)).toMatchObject({ requests: 13 });
    expect(usage.period.skipped).toEqual({ broken: 0, unknown: 0 });
  });
});

describe('a log that cannot be written', () => {
  it('keeps nobody from an answer', async () => {
    const { requestLogDir } = scene.gateway;
    await rename(requestLogDir, `${requestLogDir}.away`);
    const reply = await ask(scene.gateway, request('local', streamed), scene.gateway.key, launcher);
    expect(reply.events.at(-1)).toBe('message_stop');
    expect(scene.gateway.log()).not.toContain('request log:');

    // Something stands in its way: told once, without a word of the request.
    await writeFile(requestLogDir, '');
    for (let turn = 0; turn < 3; turn += 1) {
      const again = await ask(scene.gateway, request('local', turn === 1 ? streamed : {}));
      expect(again.status).toBe(200);
    }
    await expect.poll(() => scene.gateway.log()).toContain('request log: a line was lost');
    expect(scene.gateway.log().match(/request log:/g)).toHaveLength(1);
    expect(
      canaries.filter((word) =>
        scene.gateway
          .log()
          .match(/request log:.*/)?.[0]
          .includes(word),
      ),
    ).toEqual([]);
    await rm(requestLogDir);
    await rename(`${requestLogDir}.away`, requestLogDir);
  });
});
