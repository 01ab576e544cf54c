import { describe, expect, it } from 'vitest';
import { type Described, explainRouting, simulateRouting } from '../../src/commands/routing.ts';
import { directoryMark } from '../../src/components/gateway/routing/rules.ts';
import { yamlText } from '../../src/config/yaml.ts';
import type { Host, HttpReply } from '../../src/host/host.ts';
import { RealHost } from '../../src/host/real-host.ts';
import { createMasking } from '../../src/host/secret.ts';
import { layoutFor } from '../../src/layout.ts';
import { exitCodes } from '../../src/session/exit-codes.ts';
import type { Program } from '../../src/session/program.ts';
import type { Simulation } from '../../src/usage/simulation.ts';
import { type ScriptedUi, scriptedUi } from '../machine/doubles/scripted-ui.ts';
import { put, scratchDirectory } from '../render/scratch.ts';

const sonnet = 'claude-sonnet-4-6';
const haiku = 'claude-haiku-4-5';
const rules = [
  { name: 'private', when: { directory: '~/private' }, model: 'local-only' },
  { name: 'searches', when: { kind: 'web-search' }, model: haiku },
  { name: 'explorers', when: { kind: 'subagent', agent: 'Explore' }, model: 'local' },
  { name: 'large', when: { largerThan: 60_000, launcher: 'claude-routed' }, model: 'claude-haiku' },
];

interface Box {
  readonly program: Program;
  readonly ui: ScriptedUi;
  readonly home: string;
}

/** A program with these rules in an answers file, and a gateway that gives its prices and nothing else. */
function box(ruled: readonly object[], more: object = {}): Box {
  const home = scratchDirectory('home');
  const answers = {
    version: 1,
    localModel: { address: '192.0.2.1', model: 'qwen/qwen3', contextWindow: 32_768 },
    cloud: { anthropic: { models: { sonnet, haiku } } },
    routing: { rules: ruled },
    ...more,
  };
  put(`${home}/answers.yaml`, yamlText(answers));
  const account = { user: 'anna', uid: 1000, home };
  const layout = layoutFor(account);
  put(layout.secretsFile, 'LITELLM_MASTER_KEY=sk-0123456789abcdef0123456789abcdef\n', 0o600);
  const masking = createMasking();
  const host: Host = new RealHost({ uid: 1000, env: {}, backupFolder: '/nowhere', masking });
  const each = (id: string, input: number) => ({
    model_info: {
      id,
      input_cost_per_token: input,
      output_cost_per_token: input * 5,
      cache_read_input_token_cost: input / 10,
      cache_creation_input_token_cost: input * 1.25,
      cache_creation_input_token_cost_above_1hr: input * 2,
    },
  });
  const body = JSON.stringify({ data: [each(`claude-api:${sonnet}`, 3e-6), each(`claude-api:${haiku}`, 1e-6)] });
  host.http = async ({ url }): Promise<HttpReply> => {
    expect(url).toBe('http://127.0.0.1:4000/model/info');
    return { reached: true, status: 200, headers: {}, body, ms: 1 };
  };
  const ui = scriptedUi();
  const used: Partial<Program> = {
    ...{ host, ui, account, layout, masking, environment: {}, cwd: `${home}/work` },
    given: { file: `${home}/answers.yaml`, settings: [], ask: false },
    handbook: async () => ({}) as never,
  };
  return { program: used as Program, ui, home };
}

async function explained(described: Described, more: object = {}): Promise<readonly string[]> {
  const { program, ui } = box(rules, more);
  expect(await explainRouting(program, described)).toBe(exitCodes.done);
  return ui.said.map(({ text }) => text);
}

describe('routing explain', () => {
  it('tells the rules in order and in words', async () => {
    expect(await explained({})).toEqual([
      '1. private: started in ~/private → local-only',
      '2. searches: web searches → claude-haiku-4-5',
      '3. explorers: the subagent Explore → local',
      '4. large: more than 60,000 tokens, of claude-routed → claude-haiku',
      'What matches none goes where the profile says.',
    ]);
  });

  it('tells them all for another file, too', async () => {
    const options = { answers: 'a.yaml', set: [] };
    expect((await explained(options as Described)).at(-1)).toBe('What matches none goes where the profile says.');
  });

  it('tells what sealed folders keep at home, and that it comes before every rule', async () => {
    const more = { routing: { rules, sealed: ['~/private', '/srv/papers'] } };
    expect((await explained({}, more)).at(-1)).toBe(
      'Ahead of all rules: what has text from ~/private, /srv/papers goes to local-only, and so does the rest of its session.',
    );
    expect(await explained({ directory: '/srv/papers/a', kind: ['web-search'] }, more)).toEqual([
      'It goes to local-only: the session started in /srv/papers, which is sealed.',
    ]);
  });

  it('warns of what does not fit the local window', async () => {
    const told = await explained({ agent: 'Explore', size: 70_000 });
    expect(told.at(-1)).toBe('70,000 tokens do not fit its window of 32,768: Claude Code is told so, and summarises.');
  });

  it('says how to write the first one where there is none', async () => {
    const { program, ui } = box([]);
    await explainRouting(program, { kind: ['plan'] });
    await explainRouting(program, {});
    const told = ui.said.map(({ text }) => text).join('\n');
    expect(told).toContain(`It goes to ${sonnet}, as requested: no rule matches.`);
    expect(told).toContain("--set 'routing.rules=[{name: searches");
  });

  it('says which one fits, and why those before it do not', async () => {
    expect(await explained({ kind: ['web-search', 'background'] })).toEqual([
      '1. private: started in ~/private → local-only',
      '   no: the session started elsewhere',
      '2. searches: web searches → claude-haiku-4-5',
      '   fits',
      '3. explorers: the subagent Explore → local',
      '   no: it is of another kind',
      '4. large: more than 60,000 tokens, of claude-routed → claude-haiku',
      '   no: it is not larger',
      `It goes to ${haiku} instead of ${sonnet}, by searches.`,
    ]);
  });

  it.each<[described: Described, end: string, more?: object]>([
    [{ size: 1 }, `It goes to ${sonnet}, as requested: no rule matches.`],
    [{ agent: 'Explore', size: 20_000 }, `It goes to local instead of ${sonnet}, by explorers.`],
    [{ agent: 'Plan' }, `It goes to ${sonnet}, as requested: no rule matches.`],
    [{ kind: ['title'], size: 100 }, 'It goes to local, as requested: no rule matches.'],
    [{ directory: '~/private/x/' }, `It goes to local-only instead of ${sonnet}, by private.`],
    [{ directory: '~/private-not' }, `It goes to ${sonnet}, as requested: no rule matches.`],
    [{ size: 60_001 }, `It goes to claude-haiku instead of ${sonnet}, by large.`],
    [{ size: 60_001, model: 'claude-haiku' }, 'It goes to claude-haiku, by large, as requested.'],
    [{ kind: ['web-search'], model: 'local' }, 'It goes to local, as requested: no rule matches.'],
    [
      { kind: ['web-search'], model: 'local' },
      `It goes to ${haiku} instead of local, by searches.`,
      { failover: { allowed: true } },
    ],
    [
      { kind: ['web-search'], launcher: 'claude-offline' },
      'It goes to local-only: sessions of claude-offline stay local, and no rule sends them elsewhere.',
    ],
    [
      { kind: ['web-search'], launcher: 'claude-local' },
      'It goes to local-only: sessions of claude-local stay local, and no rule sends them elsewhere.',
    ],
  ])('%o', async (described, end, more = {}) => {
    expect((await explained(described, more)).at(-1)).toBe(end);
  });

  it.each<[described: Described, problem: RegExp]>([
    [{ kind: ['pictures'] }, /there is no kind of request pictures/],
    [{ launcher: 'claude-api' }, /there is no launcher through the gateway claude-api/],
  ])('refuses %o', async (described, problem) => {
    await expect(explainRouting(box(rules).program, described)).rejects.toThrow(problem);
  });

  it('refuses a rule that leads to no model', async () => {
    const refused = explainRouting(box([{ name: 'a', model: 'gpt' }]).program, {});
    await expect(refused).rejects.toMatchObject({ exitCode: exitCodes.invalidAnswers });
  });
});

const now = new Date(2026, 10, 23, 14, 30);

/** What rules would have done with these requests, each given by what it differs in. */
async function simulated(
  requests: readonly Readonly<Record<string, unknown>>[],
  ruled: readonly object[] = rules,
  more: object = {},
): Promise<{ readonly found: Simulation; readonly told: string }> {
  const { program, ui } = box(ruled, more);
  const at = new Date(now.getTime() - 60_000).toISOString();
  const lines = requests.map((request) => ({
    ...{ v: 1, at, launcher: 'claude-routed', session: null, asked: sonnet, rule: null, kinds: '', agent: null },
    ...{ directories: '', size: 9_000, answered: `claude-api:${sonnet}`, from: null, cause: null, status: 200 },
    ...{ streamed: true, tools: 6, firstMs: 812, ms: 1903, promptTokens: 10_000, cachedTokens: 8_000 },
    ...{ outputTokens: 100, cost: 0.0099, ...request },
  }));
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  put(`${program.layout.requestLogDir}/${at.slice(0, 7)}.jsonl`, text, 0o600);
  expect(await simulateRouting(program, { days: 7 }, now)).toBe(exitCodes.done);
  const found = ui.results[0]?.[1] as Simulation;
  return { found, told: ui.said.map(({ text: line }) => line).join('\n') };
}

describe('routing simulate', () => {
  const search = { kinds: 'background web-search' };
  const explorer = { kinds: 'subagent', agent: 'Explore' };

  it('says what would have gone where, and for how much', async () => {
    const { found, told } = await simulated([
      {},
      search,
      { ...explorer, promptTokens: 20_000 },
      { ...explorer, promptTokens: 40_000 },
      { launcher: 'drill' },
      { answered: null, cause: 'timeout' },
      { asked: 'local', answered: 'lm-studio:local', cost: 0, size: null },
    ]);
    expect(found).toMatchObject({ requests: 5, moved: 3, tooLarge: 1, unanswered: 1, withoutKinds: 1 });
    expect(found.rules.map(({ rule, requests, moved }) => [rule, requests, moved])).toEqual([
      ['private', 0, 0],
      ['searches', 1, 1],
      ['explorers', 2, 2],
      ['large', 0, 0],
      [null, 2, 0],
    ]);
    const local = found.backends.find(({ backend }) => backend === 'local');
    expect(local).toMatchObject({ was: { requests: 1, cost: 0 }, would: { requests: 3, cost: 0 } });
    const cloud = found.backends.find(({ backend }) => backend === 'anthropic');
    // 2,000 tokens read, 8,000 from the cache, 100 written, at Haiku's prices: 0.0033; and the first request as it was.
    expect(cloud?.would).toMatchObject({ requests: 2, cost: 0.0132, unpriced: 0 });
    expect(told).toContain('Last 7 days: 3 of 5 requests would have gone to another model; 1 of them do not fit');
    expect(told).toContain(
      '  explorers  2 requests, 2 to another model, $0.02 → $0.00; 1 too large for the local window',
    );
    expect(told).toContain('No session is known to have started in the folder of: private.');
    expect(told).toContain('Left out: 1 request that nobody answered');
  });

  it.each<[what: string, request: Record<string, unknown>, rule: string | null, moved: number]>([
    ['a folder that a rule named then', { directories: directoryMark('~/private') }, 'private', 1],
    [
      'what a sealed folder keeps at home',
      { ...search, rule: 'sealed-folder', answered: 'lm-studio:local-only' },
      null,
      0,
    ],
    ['what an earlier rule led elsewhere and no rule does now', { rule: 'old', answered: 'lm-studio:local' }, null, 1],
    [
      'what another rule led to the same model',
      { ...explorer, rule: 'old', answered: 'lm-studio:local' },
      'explorers',
      0,
    ],
    ['a failover from the model that is asked', { asked: 'local', from: 'lm-studio:local' }, null, 0],
    ['a short form of the same model', { asked: 'claude-sonnet', answered: 'claude-api:claude-sonnet' }, null, 0],
    [
      'claude-offline',
      { ...search, launcher: 'claude-offline', asked: 'local-only', answered: 'lm-studio:local-only' },
      null,
      0,
    ],
    ['the local model without consent', { ...search, asked: 'local', answered: 'lm-studio:local' }, null, 0],
    ['a large prompt, by its size', { size: 60_001 }, 'large', 1],
  ])('%s', async (_, request, rule, moved) => {
    const { found } = await simulated([request]);
    expect(found.rules.filter(({ requests }) => requests > 0)).toMatchObject([{ rule, moved }]);
  });

  // Prompts of 10,000 tokens with answers of 100, by hand; Sonnet costs $3, $0.30, $3.75, $6 and $15 a million, Haiku a third of it.
  it.each<[what: string, request: Record<string, unknown>, was: number, would: number]>([
    ['2,000 read, 8,000 from the cache', { cost: 0.0099 }, 0.0099, 0.0033],
    ['500 read, 8,000 from the cache, 1,500 into it', { writtenTokens: 1500, cost: 0.011025 }, 0.011025, 0.003675],
    [
      'the same, 1,000 of them for an hour',
      { writtenTokens: 1500, hourTokens: 1000, cost: 0.013275 },
      0.013275,
      0.004425,
    ],
    ['all of it into the cache', { cachedTokens: 0, writtenTokens: 10_000, cost: 0.039 }, 0.039, 0.013],
    [
      'a local answer, of which a cloud would have put 10,000 into its cache',
      { answered: 'lm-studio:local', cachedTokens: 0, writtenTokens: 10_000, cost: 0 },
      0,
      0.013,
    ],
  ])('counts what is put into a cache: %s', async (_, request, was, would) => {
    const { found } = await simulated([{ ...search, ...request }]);
    const rule = found.rules.find(({ rule: name }) => name === 'searches');
    expect(rule).toMatchObject({ moved: 1, was: { cost: was }, would: { cost: would, unpriced: 0 } });
  });

  it('says what has no known price', async () => {
    const cloud = { anthropic: { models: { sonnet, opus: 'claude-opus-9' } } };
    const { found, told } = await simulated([search], [{ name: 'all', model: 'claude-opus-9' }], { cloud });
    expect(found.backends[0]?.would).toMatchObject({ cost: 0, unpriced: 1 });
    expect(told).toContain('1 of unknown price');
  });
});
