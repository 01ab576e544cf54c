/**
 * Three gateways in front of the same stand-ins, asked the same: this program's, a published guide's configuration in the same
 * LiteLLM, and claude-code-router. What each makes of a cloud that fails, of each kind of request, of text of a sealed folder, of
 * a ceiling, of two local servers and of a box that is off.
 *
 *     npm run bench:compare [-- runs [failing | kinds | sealed | money | servers | off …] [ours | guide | router …]]
 *
 * Needs root and ten minutes; prints tables in Markdown, medians where there are several runs. Subagents in front of one slot:
 * `npm run bench local-queue 10 gpu`.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { directoryMark } from '../../../src/components/gateway/routing/rules.ts';
import { sealedEnvironment } from '../../../src/components/gateway/routing/sealed.ts';
import type { AnswersInput } from '../../../src/config/schema.ts';
import { CLAUDE_ERRORS } from '../../machine/stand-ins/anthropic-errors.ts';
import type { Fault } from '../../machine/stand-ins/fault.ts';
import { lmStudio } from '../../machine/stand-ins/lm-studio.ts';
import { listen } from '../../machine/stand-ins/stand-in.ts';
import type { LitellmProcess } from '../litellm-process.ts';
import { ask, type GatewayReply } from '../messages-client.ts';
import { type GatewayConfig, type Scene, setScene } from '../scene.ts';
import type { Wire } from '../wire.ts';
import { asTheGuideSays } from './guide-config.ts';
import { median } from './median.ts';
import { type Asked, startRouter } from './router.ts';

const [runs = 10, ...parts] = process.argv.slice(2).map((word, index) => (index === 0 ? Number(word) : word)) as [
  number?,
  ...string[],
];
const names = ['ours', 'guide', 'router'] as const;
const isName = (part: string): boolean => names.some((name) => name === part);
const wanted = parts.filter((part) => !isName(part));
const chosenNames = names.filter((name) => !parts.some(isName) || parts.includes(name));
const MINUTE = 60_000;

interface Contestant {
  readonly name: string;
  readonly scene: Scene;
  readonly asked: Asked;
  close(): Promise<void>;
}

const canary = 'the ninth canary sings above the silver harbour while everybody listens';
const home = mkdtempSync(`${tmpdir()}/sealed-`);
const folder = `${home}/private`;
mkdirSync(folder);
writeFileSync(`${folder}/notes.md`, `# Of the bird\n\nA line before it.\n${canary}\nA line behind it.\n`);
const sealing = sealedEnvironment([{ path: folder, mark: directoryMark('~/private'), at: folder }], { home });
const anthropic = { models: { sonnet: 'claude-sonnet-4-6', opus: 'claude-opus-4-8', haiku: 'claude-haiku-4-5' } };
const rule = (name: string, when: object, model: string) => ({ name, when, model });
const answers: Partial<AnswersInput> = {
  cloud: { anthropic },
  failover: { allowed: true, whenCloudFails: ['local'] },
  routing: {
    rules: [
      rule('titles', { kind: 'title' }, 'local'),
      rule('plans', { kind: 'plan' }, 'claude-opus-4-8'),
      rule('summaries', { kind: 'compaction' }, 'claude-haiku-4-5'),
      rule('searches', { kind: 'web-search' }, 'claude-haiku-4-5'),
      rule('images', { kind: 'image' }, 'claude-haiku-4-5'),
      rule('small-work', { kind: 'background' }, 'local'),
      rule('explorers', { kind: 'subagent', agent: 'Explore' }, 'local'),
      rule('large', { largerThan: 60_000 }, 'claude-opus-4-8'),
    ] as never,
  },
};

/** Dollars a day: a little more than the requests that warm a gateway up, and less than ten more. */
const ceiling = 0.001;

/** The guide has one local server; with two of the same name LiteLLM shuffles. */
function guided(config: GatewayConfig): void {
  asTheGuideSays(config);
  const local = config.model_list.find(({ model_name }) => model_name === 'local');
  if (local === undefined || furtherUrl === undefined) return;
  config.model_list.push({ ...local, litellm_params: { ...local.litellm_params, api_base: `${furtherUrl}/v1` } });
}

let furtherUrl: string | undefined;
let further: ReturnType<typeof lmStudio> | undefined;

type SceneName = 'usual' | 'ceiling' | 'two';

async function begun(name: (typeof names)[number], where: SceneName): Promise<Contestant> {
  further = where === 'two' ? lmStudio({ contextLength: 65_536, strictTemplate: false }) : undefined;
  const listening = further && (await listen(further, { host: '0.0.0.0' }));
  const moreAddresses = (wire: Wire): readonly string[] => {
    furtherUrl = listening && `http://${wire.outside}:${listening.port}`;
    return furtherUrl === undefined ? [] : [furtherUrl];
  };
  const opened = await setScene({
    answers: where === 'ceiling' ? { ...answers, spending: { perDay: ceiling } } : answers,
    environment: sealing,
    lmStudio: { strictTemplate: false },
    moreAddresses,
    ...(name === 'guide' ? { change: guided } : {}),
  });
  const close = async (): Promise<void> => {
    await opened.close();
    await listening?.close();
  };
  const scene = { ...opened, close };
  if (name !== 'router') return { name, scene, asked: scene.gateway, close: () => scene.close() };
  const { urls, claudeKey } = scene;
  const router = await startRouter(scene.wire, { local: urls.local, claude: urls.claude, claudeKey });
  const closeBoth = async (): Promise<void> => {
    await router.stop();
    await scene.close();
  };
  return { name: 'claude-code-router', scene, asked: router, close: closeBoth };
}

type Body = Record<string, unknown>;
const request = (model: string, said: unknown = 'hello', more: Body = {}): Body => {
  return { model, max_tokens: 1024, stream: true, messages: [{ role: 'user', content: said }], ...more };
};

async function send(to: Contestant, body: Body, headers = {}, patience = MINUTE): Promise<GatewayReply | undefined> {
  return await ask(to.asked as LitellmProcess, body, to.asked.key, headers, patience).catch(() => undefined);
}

function outcomeOf(reply: GatewayReply | undefined): string {
  if (reply === undefined) return 'nothing';
  if (reply.status !== 200) return `HTTP ${reply.status}`;
  if (reply.error !== undefined) return 'an error event';
  if (reply.text === '') return 'an empty answer as if whole';
  return reply.text.includes('on LM Studio') ? 'the local answer' : "the cloud's answer";
}

/** Milliseconds over the same request to the local model, or of all of it where nobody stood in; what the client got. */
async function failing(to: Contestant): Promise<readonly string[]> {
  const atOnce = { 'retry-after': '0' };
  const named = (error: string): Fault => {
    const { status, body } = CLAUDE_ERRORS[error] ?? { status: 500, body: {} };
    return { on: 'generation', does: 'status', status, body, headers: atOnce };
  };
  const faults: readonly [name: string, fault: Fault, times: number, model?: string][] = [
    ['at its limit (429)', named('rate_limit'), runs],
    ['overloaded (529)', named('overloaded'), runs],
    ['having an error (500)', named('api'), runs],
    ['unavailable (503)', { on: 'generation', does: 'status', status: 503, body: {}, headers: atOnce }, runs],
    // Of another model: one that failed is left alone for a while by ours.
    ['silent', { on: 'generation', does: 'silence' }, 1, 'claude-haiku'],
    ['silent, the next request', { on: 'generation', does: 'silence' }, 1, 'claude-haiku'],
  ];
  const cells: string[] = [];
  for (const [name, fault, times, model = 'claude-sonnet'] of faults) {
    to.scene.reset();
    await to.scene.restartClouds();
    to.scene.anthropic.settings.faults.push(fault);
    const seen: { readonly ms: number; readonly outcome: string }[] = [];
    for (let run = 0; run < times; run += 1) {
      const reply = await send(to, request(model), {}, 200_000);
      const direct = outcomeOf(reply) === 'the local answer' ? await send(to, request(localName(to))) : undefined;
      seen.push({ ms: (reply?.ms ?? 200_000) - (direct?.ms ?? 0), outcome: outcomeOf(reply) });
    }
    console.error(to.name, name, 'the cloud was asked', to.scene.anthropic.requests.length, 'times');
    const ms = Math.round(median(seen.map((one) => one.ms)));
    const outcomes = [...new Set(seen.map(({ outcome }) => outcome))].join(' / ');
    const time = outcomes === 'nothing' ? 'after 200 s' : `${outcomes === 'the local answer' ? '+' : 'after '}${ms} ms`;
    cells.push(`${name}|${outcomes} ${time}`);
  }
  return cells;
}

function localName({ name }: Contestant): string {
  return name === 'claude-code-router' ? 'local,qwen/qwen3.6-35b-a3b' : 'local';
}

const of = (kind: string, agent?: string): Record<string, string> => ({
  'x-claude-code-request-class': kind,
  ...(agent === undefined ? {} : { 'x-claude-code-agent-type': agent }),
});
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } };
const tool = { name: 'Read', description: 'reads', input_schema: { type: 'object', properties: {} } };
const planning = '<system-reminder>\nPlan mode is active. Do not change anything.\n</system-reminder>';
const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 };

/** As Claude Code 2.1.332 was seen to tell them (test/client/kinds.machine.test.ts); small work asks for the haiku model. */
const kinds: readonly [name: string, body: Body, headers: Record<string, string>][] = [
  ['a turn of the conversation', request('claude-sonnet', 'hello', { tools: [tool] }), of('main')],
  [
    'the same with thinking on',
    request('claude-sonnet', 'hello', { tools: [tool], thinking: { type: 'adaptive' } }),
    of('main'),
  ],
  ['a title', request('claude-haiku', '<session>hello</session>'), of('auxiliary')],
  ['other small work', request('claude-haiku', 'is this a topic?'), of('auxiliary')],
  ['the subagent Explore', request('claude-sonnet', 'look around', { tools: [tool] }), of('subagent', 'Explore')],
  ['plan mode', request('claude-sonnet', [{ type: 'text', text: planning }], { tools: [tool] }), of('main')],
  [
    'a summary (compaction)',
    request('claude-sonnet', 'CRITICAL: Respond with TEXT ONLY. Summarise.'),
    of('compaction'),
  ],
  ['a web search', request('claude-sonnet', 'Perform a web search', { tools: [search] }), of('auxiliary')],
  ['an image', request('claude-sonnet', [image, { type: 'text', text: 'what is it?' }], { tools: [tool] }), of('main')],
  ['more than 60,000 tokens', request('claude-sonnet', 'word '.repeat(62_000), { tools: [tool] }), of('main')],
];

async function reached(to: Contestant): Promise<readonly string[]> {
  const cells: string[] = [];
  for (const [name, body, headers] of kinds) {
    to.scene.reset();
    const reply = await send(to, body, {
      ...headers,
      'x-claude-routing': 'claude-routed',
      'x-claude-code-session-id': randomUUID(),
    });
    const asked = [...to.scene.lmStudio.requests, ...to.scene.anthropic.requests]
      .filter(({ method, path }) => method === 'POST' && !path.includes('count_tokens'))
      .sort((one, other) => one.time.localeCompare(other.time))
      .map(({ body: sent }) => String((sent as { model?: unknown }).model).replace('qwen/qwen3.6-35b-a3b', 'local'));
    cells.push(
      `${name}|${[...new Set(asked)].join(', then ') || 'nobody'}${reply?.status === 200 ? '' : `, HTTP ${reply?.status}`}`,
    );
  }
  return cells;
}

/** Of the ways into a conversation, how many brought the text of a sealed file to a cloud. */
async function sealed(to: Contestant): Promise<readonly string[]> {
  const call = {
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: `${folder}/notes.md` } }],
  };
  const result = (content: unknown): object => ({
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content }],
  });
  const ways: readonly [name: string, body: Body][] = [
    ['what Read gives', { messages: [{ role: 'user', content: 'read it' }, call, result(canary)], tools: [tool] }],
    ['what is typed or mentioned', { messages: [{ role: 'user', content: `about this: ${canary}` }] }],
    ['in the system prompt', { system: [{ type: 'text', text: canary }] }],
    [
      'in a summary of the conversation',
      {
        messages: [
          { role: 'user', content: `Summary so far: ${canary}` },
          { role: 'assistant', content: 'yes' },
          { role: 'user', content: 'go on' },
        ],
      },
    ],
    [
      'in a later turn that only follows it',
      {
        messages: [
          { role: 'user', content: 'read it' },
          call,
          result(canary),
          { role: 'assistant', content: 'done' },
          { role: 'user', content: 'thanks' },
        ],
        tools: [tool],
      },
    ],
  ];
  const cells: string[] = [];
  for (const [name, body] of ways) {
    to.scene.reset();
    const reply = await send(
      to,
      { ...request('claude-sonnet'), ...body },
      { 'x-claude-code-session-id': randomUUID() },
    );
    const out = JSON.stringify(to.scene.anthropic.requests.map(({ body: sent }) => sent)).includes(canary);
    cells.push(`${name}|${out ? 'at the cloud' : 'not one word at a cloud'}; ${outcomeOf(reply)}`);
  }
  return cells;
}

/** Ten requests at once, and ten more behind them, where a ceiling is set: how many of each the cloud answered and charges for. */
async function money(to: Contestant): Promise<readonly string[]> {
  const billed = (): number => to.scene.anthropic.requests.filter(({ answer }) => answer.billed !== undefined).length;
  to.scene.anthropic.settings.delayMilliseconds = 700;
  const cells: string[] = [];
  for (const row of ['ten at once, just below it', 'ten after those']) {
    to.scene.reset();
    const replies = await Promise.all(Array.from({ length: 10 }, () => send(to, request('claude-sonnet'))));
    cells.push(`${row}|${billed()} paid; ${[...new Set(replies.map(outcomeOf))].join(' / ')}`);
  }
  return cells;
}

/** Four conversations of five turns in turn: how many of the turns after the first went to the server that had read the one before. */
async function servers(to: Contestant): Promise<readonly string[]> {
  to.scene.reset();
  const sessions = Array.from({ length: 4 }, () => randomUUID());
  const told = new Map<string, number[]>();
  const counts = (): readonly number[] =>
    [to.scene.lmStudio, further].map((one) => one?.requests.filter(({ method }) => method === 'POST').length ?? 0);
  let same = 0;
  for (let turn = 1; turn <= 5; turn += 1)
    for (const session of sessions) {
      const before = counts();
      const messages = Array.from({ length: 2 * turn - 1 }, (_, at) => ({
        role: at % 2 === 0 ? 'user' : 'assistant',
        content: `${session} ${at}`,
      }));
      await send(to, { ...request(localName(to)), messages }, { 'x-claude-code-session-id': session });
      const server = counts().findIndex((count, at) => count > (before[at] ?? 0));
      const way = told.get(session) ?? [];
      if (turn > 1 && server >= 0 && way.at(-1) === server) same += 1;
      told.set(session, [...way, server]);
    }
  const used = new Set([...told.values()].flat().filter((server) => server >= 0)).size;
  return [`turns at the server that knows the conversation|${same} of 16, ${used} server${used === 1 ? '' : 's'} used`];
}

/** The box of the local model says nothing at all: how long until an answer to a request for it, and who gave it. */
async function off(to: Contestant): Promise<readonly string[]> {
  to.scene.reset();
  await to.scene.wire.switchOff();
  const cells: string[] = [];
  for (const name of ['the first request', 'the next one']) {
    const reply = await send(to, request(localName(to)), {}, 120_000);
    cells.push(
      `${name}|${outcomeOf(reply)} after ${reply === undefined ? '120 s and more' : `${Math.round(reply.ms)} ms`}`,
    );
  }
  await to.scene.wire.switchOn();
  return cells;
}

const sections: Readonly<
  Record<
    string,
    { readonly title: string; readonly where: SceneName; measure(to: Contestant): Promise<readonly string[]> }
  >
> = {
  kinds: { title: 'who is asked for', where: 'usual', measure: reached },
  sealed: { title: 'text of a sealed file', where: 'usual', measure: sealed },
  failing: { title: 'the cloud is', where: 'usual', measure: failing },
  off: { title: "the local model's box is off", where: 'usual', measure: off },
  money: { title: 'requests for a cloud with a ceiling', where: 'ceiling', measure: money },
  servers: { title: 'two local servers', where: 'two', measure: servers },
};

const tables = new Map<string, Map<string, string[]>>();
try {
  for (const where of ['usual', 'ceiling', 'two'] as const) {
    const chosen = Object.entries(sections).filter(
      ([name, one]) => one.where === where && (wanted.length === 0 || wanted.includes(name)),
    );
    if (chosen.length === 0) continue;
    for (const name of chosenNames) {
      const to = await begun(name, where);
      try {
        for (let warming = 0; warming < 3; warming += 1)
          for (const model of ['claude-sonnet', localName(to)]) await send(to, request(model));
        for (const [section, { measure }] of chosen)
          for (const cell of await measure(to)) {
            const [row = '', value = ''] = cell.split('|');
            console.error(to.name, section, row, value);
            const rows = tables.get(section) ?? new Map<string, string[]>();
            rows.set(row, [...(rows.get(row) ?? []), value]);
            tables.set(section, rows);
          }
      } finally {
        await to.close();
      }
    }
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
for (const [section, rows] of tables) {
  const head = `| ${sections[section]?.title} | ${chosenNames.join(' | ')} |\n|---|${'---|'.repeat(chosenNames.length)}`;
  console.log(`${head}\n${[...rows].map(([row, cells]) => `| ${row} | ${cells.join(' | ')} |`).join('\n')}\n`);
}
