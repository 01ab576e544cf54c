import { appendFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { requestsBetween } from '../../src/components/gateway/request-log.ts';
import { directoryMark, rulesForGateway } from '../../src/components/gateway/routing/rules.ts';
import type { AnswersInput } from '../../src/config/schema.ts';
import { ruleCases } from '../../src/failover-test/running-cases.ts';
import { RealHost } from '../../src/host/real-host.ts';
import { createMasking } from '../../src/host/secret.ts';
import { RuleSimulation, type Simulation } from '../../src/usage/simulation.ts';
import { put, scratchDirectory } from '../render/scratch.ts';
import { runClaude } from './claude-client.ts';
import { forgetLog, type Line, loggedLines } from './logged-lines.ts';
import { ask, claudeRequest, type GatewayReply } from './messages-client.ts';
import { type Scene, sceneAnswers, setScene } from './scene.ts';

const sonnet = 'claude-sonnet-4-6';
const haiku = 'claude-haiku-4-5';
const answers: Partial<AnswersInput> = {
  cloud: {
    anthropic: { models: { sonnet, haiku } },
    foundry: { resource: 'my-resource', deployments: { sonnet } },
  },
  failover: { allowed: true },
  spending: { perDay: 5 },
  routing: {
    rules: [
      { name: 'secret', when: { directory: '~/secret' }, model: 'local-only' },
      { name: 'searches', when: { kind: 'web-search' }, model: haiku },
      { name: 'explorers', when: { kind: 'subagent', agent: 'Explore' }, model: 'local' },
      { name: 'reviewers', when: { agent: 'reviewer' }, model: 'local' },
      { name: 'plans', when: { kind: 'plan' }, model: `foundry/${sonnet}` },
      { name: 'large', when: { largerThan: 5_000, launcher: 'claude-routed' }, model: haiku },
      { name: 'small-results', when: { kind: 'tool-result', smallerThan: 500 }, model: 'local' },
    ],
  },
};

type Rules = NonNullable<AnswersInput['routing']>['rules'];
const host = new RealHost({ uid: 0, env: {}, backupFolder: '/nowhere', masking: createMasking() });

let scene: Scene;
beforeAll(async () => {
  scene = await setScene({ answers });
});
afterAll(() => scene?.close());
afterEach(async () => {
  scene.reset();
  await forgetLog(scene.gateway);
});

async function lastLine(): Promise<Line | undefined> {
  const read = async () => (await loggedLines(scene.gateway)).filter((line) => 'asked' in line && 'kinds' in line);
  await expect.poll(async () => (await read()).length, { timeout: 10_000 }).toBeGreaterThan(0);
  return (await read()).at(-1);
}

const hint = (request: string, agent?: string): Record<string, string> => ({
  'x-claude-routing': 'claude-routed',
  'x-claude-code-request-class': request,
  ...(agent === undefined ? {} : { 'x-claude-code-agent-type': agent }),
});
const plain = { thinking: undefined, output_config: undefined, messages: [{ role: 'user', content: 'hello' }] };
const search = { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] };
const turns = (...content: readonly unknown[]): Record<string, unknown> => ({ messages: [{ role: 'user', content }] });
const text = (words: string): object => ({ type: 'text', text: words });
const planning = turns(text('<system-reminder>\nPlan mode is active.\n</system-reminder>'), text('hello'));
const called = {
  messages: [
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Read', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }] },
  ],
  tools: [{ name: 'Read', description: 'reads', input_schema: { type: 'object' } }],
};
const large = turns(text('lorem ipsum '.repeat(2_000)));

type Headers = Record<string, string>;
type Row = [name: string, asked: string, body: object, Headers, who: string, rule: string | null, more?: Line];
const [home, strict] = ['lm-studio:local', 'lm-studio:local-only'];
const [bySonnet, byHaiku] = [`claude-api:${sonnet}`, `claude-api:${haiku}`];
const trial = (launcher: string): Headers => ({ 'x-claude-routing': launcher });
const searching = { kinds: 'background web-search' };
const inFolder = { directories: directoryMark('~/secret') };
const rows: readonly Row[] = [
  ['none fits', sonnet, {}, hint('main'), bySonnet, null, { kinds: '' }],
  ['a web search', sonnet, search, hint('auxiliary'), byHaiku, 'searches', searching],
  ['a subagent by name', sonnet, {}, hint('subagent', 'Explore'), home, 'explorers', { agent: 'Explore' }],
  ['another subagent', sonnet, {}, hint('subagent', 'custom'), bySonnet, null, { kinds: 'subagent' }],
  ['plan mode', sonnet, planning, hint('main'), `foundry:${sonnet}`, 'plans', { kinds: 'plan' }],
  ['a large prompt', sonnet, large, hint('main'), byHaiku, 'large'],
  ['a large prompt of nobody', sonnet, large, {}, bySonnet, null],
  ['a small result of a tool', sonnet, called, hint('main'), home, 'small-results', { kinds: 'tool-result' }],
  ['a folder', sonnet, search, trial(`claude-routed; ${inFolder.directories}`), strict, 'secret', inFolder],
  ['out of the house, with consent', 'local', search, hint('auxiliary'), byHaiku, 'searches'],
  ['the strict name', 'local-only', search, hint('auxiliary'), strict, null],
  ['the strict one’s id', home, search, hint('auxiliary'), home, null],
  ['a name that nobody has', 'claude-opus-9', search, hint('auxiliary'), byHaiku, 'searches'],
  ['a drill', sonnet, search, trial('drill'), bySonnet, null],
  ['a drill that tries rules', sonnet, search, trial('drill; ruled'), byHaiku, 'searches'],
];

describe('a rule decides who answers, and its name is in the log', () => {
  it.each(rows)('%s', async (_, asked, body, headers, who, rule, more) => {
    for (const stream of [false, true]) {
      const request = claudeRequest(asked, 'hello', { ...plain, ...body, stream });
      const reply: GatewayReply = await ask(scene.gateway, request, scene.gateway.key, headers);
      expect([reply.status, reply.litellm['model-id']], reply.body).toEqual([200, who]);
      expect(await lastLine()).toMatchObject({ asked, answered: who, rule, ...more });
    }
  });
});

it('the program says of the log what the gateway did', async () => {
  for (const [, asked, body, headers] of rows) {
    const request = claudeRequest(asked, 'hello', { ...plain, ...body });
    await ask(scene.gateway, request, scene.gateway.key, headers);
  }
  const simulated = async (rules: Rules): Promise<Simulation> => {
    const simulation = new RuleSimulation(sceneAnswers(undefined, { ...answers, routing: { rules } }), new Map());
    const requests = await requestsBetween(host, scene.gateway.requestLogDir, 0, Date.now());
    for (const request of requests) simulation.add(request);
    return simulation.result();
  };
  const ruled = rows.filter(([, , , { 'x-claude-routing': sender = '' }]) => !sender.startsWith('drill'));
  await expect.poll(async () => (await simulated([])).requests, { timeout: 10_000 }).toBe(ruled.length);
  expect((await simulated(answers.routing?.rules)).moved).toBe(0);
  const led = ruled.filter(([, asked, , , who]) => ![asked, `claude-api:${asked}`, `lm-studio:${asked}`].includes(who));
  expect(led.length).toBeGreaterThan(5);
  expect((await simulated([])).moved).toBe(led.length);
});

it('is what a drill promises of rules', async () => {
  const cases = ruleCases(sceneAnswers(undefined, answers));
  expect(cases.map(({ id }) => id)).toEqual([
    'rule:secret',
    'rule:explorers',
    'rule:reviewers',
    'rule:plans',
    'rule:small-results',
  ]);
  for (const { promised, request } of cases) {
    const reply = await ask(scene.gateway, request.body, scene.gateway.key, request.headers);
    expect([reply.status, reply.litellm['model-id']], reply.body).toEqual([
      200,
      promised.kind === 'answer' && promised.by,
    ]);
  }
  expect(await lastLine()).toMatchObject({ launcher: 'drill', rule: 'small-results' });
});

describe('what a rule leads elsewhere', () => {
  it('is made fit for who gets it: system turns and thinking of a name that the client does not know', async () => {
    const request = claudeRequest('local', 'hello', search);
    const reply = await ask(scene.gateway, request, scene.gateway.key, hint('auxiliary'));
    expect(reply.status, reply.body).toBe(200);
    const { messages } = (scene.anthropic.requests.at(-1)?.body ?? {}) as { messages?: { role: string }[] };
    expect(messages?.map(({ role }) => role)).toEqual(['user']);
  });

  it('saves the price of the model that was asked for', async () => {
    const request = claudeRequest(sonnet, 'hello', plain);
    await ask(scene.gateway, request, scene.gateway.key, hint('subagent', 'Explore'));
    expect(await lastLine()).toMatchObject({ replaced: `claude-api:${sonnet}`, cost: 0 });
  });

  it('goes on without the headers by which it was told apart', async () => {
    for (const headers of [{ ...hint('subagent', 'Explore'), 'x-claude-code-agent-id': 'a1' }, hint('main')])
      await ask(scene.gateway, claudeRequest(sonnet, 'hello', plain), scene.gateway.key, headers);
    const sent = [...scene.lmStudio.requests, ...scene.anthropic.requests].flatMap(({ headers }) =>
      Object.keys(headers),
    );
    expect(sent.filter((name) => name.startsWith('x-claude'))).toEqual([]);
    expect(sent).toContain('content-type');
  });

  it('never passes the ceiling', async () => {
    const at = new Date().toISOString();
    const spent = { v: 1, at, session: null, answered: `claude-api:${sonnet}`, from: null, cause: null, cost: 5 };
    await appendFile(`${scene.gateway.requestLogDir}/${at.slice(0, 7)}.jsonl`, `${JSON.stringify(spent)}\n`);
    for (const asked of [sonnet, 'local']) {
      const request = claudeRequest(asked, 'hello', { ...plain, ...search });
      const reply = await ask(scene.gateway, request, scene.gateway.key, hint('auxiliary'));
      expect([reply.status, reply.error]).toEqual([402, expect.stringContaining('ceiling of $5.00 a day')]);
      expect(await lastLine()).toMatchObject({ asked, rule: 'searches', cause: 'ceiling' });
    }
    expect(scene.anthropic.requests).toEqual([]);
  });
});

describe('the real Claude Code', () => {
  it('has its subagents led by their names, those of its owner too', async () => {
    const home = scratchDirectory('home');
    for (const name of ['reviewer', 'writer'])
      put(`${home}/claude/agents/${name}.md`, `---\nname: ${name}\ndescription: ${name}\n---\nYou say hi.\n`);
    const call = (type: string): string =>
      `use the tool Agent with ${JSON.stringify({ prompt: `asked of ${type}`, description: 'x', subagent_type: type })}`;
    const agents = ['reviewer', 'writer', 'Explore'];
    const prompt = agents.map(call).join('\n');
    const ran = await runClaude(scene, home, sonnet, ['-p', prompt], {
      CLAUDE_CODE_GATEWAY_HINT_HEADERS: '1',
      ANTHROPIC_CUSTOM_HEADERS: 'x-claude-routing: claude-routed',
    });
    expect(ran.isError, ran.result).toBe(false);
    const requests = await requestsBetween(host, scene.gateway.requestLogDir, 0, Date.now());
    const ruled = requests.filter(({ kinds }) => kinds.includes('subagent'));
    expect(new Set(ruled.map(({ agent, rule, answered }) => `${agent} ${rule} ${answered}`))).toEqual(
      new Set([
        'custom/reviewer reviewers lm-studio:local',
        `custom/writer large claude-api:${haiku}`,
        'Explore explorers lm-studio:local',
      ]),
    );
    expect(
      requests.filter(({ kinds, answered }) => !kinds.includes('subagent') && answered?.startsWith('lm-studio')),
    ).toEqual([]);
  });
});

it.each(['claude-router-6c6f63616c2d6f6e6c79', 'local-only[1m]', 'claude-router-6c6f63616c2d6f6e6c79[1m]'])(
  'the strict name is led nowhere as LiteLLM writes it, either: %s',
  async (name) => {
    const request = claudeRequest(name, 'hello', { ...plain, ...search });
    const reply = await ask(scene.gateway, request, scene.gateway.key, hint('auxiliary'));
    expect(reply.litellm['model-id'], reply.body).toBe('lm-studio:local-only');
    expect(await lastLine()).toMatchObject({ asked: 'local-only', rule: null });
  },
);

describe('a session that stays at home', () => {
  const offline = { ...hint('auxiliary'), 'x-claude-routing': 'claude-offline; local-only' };
  it('is led nowhere', async () => {
    const bodies = [search, planning, large, called];
    for (const body of bodies) {
      const request = claudeRequest('local-only', 'hello', { ...plain, ...body });
      const reply = await ask(scene.gateway, request, scene.gateway.key, offline);
      expect(reply.litellm['model-id'], reply.body).toBe('lm-studio:local-only');
      expect(await lastLine()).toMatchObject({ rule: null });
    }
    expect([...scene.anthropic.requests, ...scene.foundry.requests]).toEqual([]);
  });

  it('is refused a cloud as ever, whatever rule would fit', async () => {
    const reply = await ask(scene.gateway, claudeRequest(sonnet, 'hello', { ...plain, ...search }), scene.gateway.key, {
      ...offline,
      'x-claude-code-agent-type': 'Explore',
    });
    expect(reply.status).toBe(400);
  });

  it('is every request for the local model, without the consent to a failover', async () => {
    const given = JSON.parse(rulesForGateway(sceneAnswers(undefined, answers))) as object;
    await scene.gateway.killAndStart({ ROUTING_RULES: JSON.stringify({ ...given, mayLeaveHome: false }) });
    const reply = await ask(
      scene.gateway,
      claudeRequest('local', 'hello', { ...plain, ...search }),
      scene.gateway.key,
      hint('auxiliary'),
    );
    expect(reply.litellm['model-id'], reply.body).toBe('lm-studio:local');
    expect(scene.anthropic.requests).toEqual([]);
  });
});
