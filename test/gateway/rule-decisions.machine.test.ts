import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ruleFor } from '../../src/components/gateway/routing/rules.ts';
import { requestKinds } from '../../src/config/rules.ts';
import { python as runPython } from './hook-python.ts';
import { type Python, startPython } from './python-call.ts';
import table from './rule-cases.json' with { type: 'json' };

let python: Python;
beforeAll(() => {
  python = startPython();
});
afterAll(() => python.end());

describe('a rule', () => {
  it.each(table.cases as [string, object, string | null][])(
    'is the same one in the gateway and in the program: %s',
    async (_, more, expected) => {
      const request = { ...table.request, ...more };
      const found = (await python.call('routing_rules', 'rule_for', table.rules, request)) as { name: string } | null;
      expect(found?.name ?? null).toBe(expected);
      const [rules, ruled] = [table.rules, request] as unknown as Parameters<typeof ruleFor>;
      expect(ruleFor(rules, ruled)?.name ?? null).toBe(expected);
    },
  );
});

const said = (request: string): Record<string, string> => ({ 'x-claude-code-request-class': request });
const reminder = (text: string): object => ({ type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>` });
const user = (...content: readonly unknown[]): object => ({ role: 'user', content });
const text = (words: string): object => ({ type: 'text', text: words });
const result = (content: unknown): object => ({ type: 'tool_result', tool_use_id: 'a', content });
const answered = { role: 'assistant', content: [text('Plan mode is active')] };
const image = { type: 'image', source: { type: 'base64', data: 'x' } };
const planning = reminder('Plan mode is active. The user indicated …');
const exited = reminder('## Exited Plan Mode\n\nYou have exited plan mode.');

describe('the kinds of a request', () => {
  it('are those that the program knows', async () => {
    const named = await python.call('routing_rules', 'kinds_of', said('auxiliary'), {});
    expect(requestKinds).toContain((named as string[])[0]);
  });

  /** `main` and so on is what the client says of itself; '' where it says nothing. Kinds stand in one text. */
  const kindsOf = async (client: string, body: unknown): Promise<string> =>
    ((await python.call('routing_rules', 'kinds_of', client === '' ? {} : said(client), body)) as string[]).join(' ');
  const system = (content: string): object => ({ role: 'system', content });
  const over = result('ok\n\n<system-reminder>\n## Exited Plan Mode\n</system-reminder>');

  it.each<[name: string, client: string, turns: readonly object[], kinds: string]>([
    ['a conversation', 'main', [user(text('hi'))], ''],
    ['a title', 'auxiliary', [user(text('<session>\nhi\n</session>'))], 'title background'],
    ['a title of a client that says nothing', '', [{ role: 'user', content: '<session>\nhi' }], 'title'],
    ['a conversation that begins like a title', 'main', [user(text('<session>'))], ''],
    ['a subagent', 'subagent', [user(text('look'))], 'subagent'],
    ['an agent of a workflow', 'workflow', [user(text('look'))], 'subagent'],
    ['a compaction', 'compaction', [user(text('x'))], 'compaction'],
    [
      'a compaction of a client that says nothing',
      '',
      [user(result('x'), text('CRITICAL: Respond with TEXT ONLY. Do'))],
      'compaction tool-result',
    ],
    ['a turn with an image', 'main', [user(text('see'), image), system('x')], 'image'],
    ['an earlier image', 'main', [user(image), answered, user(text('and now?'))], ''],
    ['an image that a tool found', 'main', [user(result([image]))], 'image tool-result'],
    ['plan mode', 'main', [user(planning, text('do it'))], 'plan'],
    ['plan mode in a system turn', 'main', [user(text('do it')), system('A\nPlan mode is active. B')], 'plan'],
    ['plan mode, later on', 'main', [user(planning), answered, user(result('x'))], 'plan tool-result'],
    ['plan mode that is over', 'main', [user(planning), answered, user(exited, text('go'))], ''],
    ['plan mode that is over, told behind a result', 'main', [user(planning), answered, user(over)], 'tool-result'],
    [
      'plan mode once more',
      'main',
      [user(planning), answered, user(exited), answered, user(reminder('Plan mode still active (see'))],
      'plan',
    ],
    [
      'plan mode that the model began',
      'main',
      [user(text('x')), answered, user(result([text('Entered plan mode. You should now')]))],
      'plan tool-result',
    ],
    [
      'words about plan mode',
      'main',
      [user(text('Plan mode is active, they say')), answered, user(result('Plan mode is active'))],
      'tool-result',
    ],
  ])('%s', async (_, client, messages, kinds) => {
    // No tools are what makes a title of it.
    const tools = kinds.startsWith('title') ? [] : [{ name: 'Read' }];
    expect(await kindsOf(client, { tools, messages })).toBe(kinds);
  });

  const odd = [null, 3, {}, { role: 'user' }, user(1, null, { type: 'tool_result', content: [4, null] })];
  it.each<[name: string, client: string, body: object, kinds: string]>([
    [
      'a web search',
      'auxiliary',
      { tools: [{ type: 'web_search_20250305', name: 'web_search' }], messages: [user(text('<session>'))] },
      'background web-search',
    ],
    ['nothing', '', {}, ''],
    ['odd turns', '', { messages: odd, tools: [null, 1], system: 7 }, 'tool-result'],
    ['no turns', '', { messages: 'x', tools: {} }, ''],
  ])('%s', async (_, client, body, kinds) => {
    expect(await kindsOf(client, body)).toBe(kinds);
  });
});

/** What the gateway makes of requests: headers, and the body as it was sent. */
function described(requests: readonly (readonly [headers: Record<string, string>, body: string])[]): readonly object[] {
  const code =
    'import routing_rules\nprint(json.dumps([routing_rules.describe(h, json.loads(b), b.encode()) for h, b in given]))';
  return runPython(code, requests);
}

describe('what a request tells of itself', () => {
  it.each<[header: string, told: object]>([
    ['', { launcher: null, directories: [], isTrial: false }],
    ['claude-routed', { launcher: 'claude-routed', directories: [], isTrial: false }],
    [
      'claude-routed; in-0123abcd; in-ffffffff',
      { launcher: 'claude-routed', directories: ['in-0123abcd', 'in-ffffffff'] },
    ],
    ['claude-routed;in-0123abcd', { directories: ['in-0123abcd'] }],
    ['claude-routed; in-secret', { directories: [] }],
    ['claude-routed; proof', { launcher: 'claude-routed', isTrial: true }],
    ['proof', { isTrial: true }],
    ['drill', { isTrial: true }],
    ['drill; ruled', { isTrial: false }],
    ['Some words', { launcher: null }],
  ])('by the header %s', (header, told) => {
    const headers = { 'x-claude-routing': header, 'x-claude-code-agent-type': 'custom' };
    expect(described([[headers, '{}']])).toEqual([expect.objectContaining({ agent: 'custom', ...told })]);
  });

  it('is a subagent’s name only where it looks like one', () => {
    const headers = { 'x-claude-code-agent-type': 'say: "hello"' };
    expect(described([[headers, '{}']])).toEqual([expect.objectContaining({ agent: null })]);
  });

  it('is its size, without images', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(4_000_000) };
    const picture = (source: object) => ({ type: 'image', source });
    const bodies = [
      { messages: [user(text('x'.repeat(40_000)))] },
      { messages: [user(picture(source), text('x'.repeat(40_000)), picture({ ...source, media_type: undefined }))] },
      { messages: [user(text('"base64" "base64'), text('x'.repeat(40_000)))] },
    ];
    const sizes = described(bodies.map((body) => [{}, JSON.stringify(body)])) as { tokens: number }[];
    for (const { tokens } of sizes) expect(Math.round(tokens / 1000)).toBe(10);
  });

  it('is plan mode, found in the whole body', () => {
    const bodies = [{ messages: [user(planning)] }, { messages: [user(planning), answered, user(exited)] }];
    const found = described(bodies.map((body) => [{}, JSON.stringify(body)])) as { kinds: string[] }[];
    expect(found.map(({ kinds }) => kinds)).toEqual([['plan'], []]);
  });
});

describe('the name of a subagent of one’s own', () => {
  const start = (type: string, prompt: string) => ({ subagent_type: type, prompt, description: 'x' });
  const event = (type: string, data: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  const called = (name: string, input: object): string => {
    const text = JSON.stringify(input);
    const pieces = [text.slice(0, 7), text.slice(7)];
    return [
      event('content_block_start', { index: 1, content_block: { type: 'tool_use', id: 'toolu_1', name, input: {} } }),
      ...pieces.map((piece) =>
        event('content_block_delta', { index: 1, delta: { type: 'input_json_delta', partial_json: piece } }),
      ),
      event('content_block_stop', { index: 1 }),
    ].join('');
  };
  const said = [
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: '"tool_use" "Agent"' } }),
    event('content_block_stop', { index: 0 }),
  ].join('');
  const code = `
import routing_rules
texts, requests = given
for text in texts:
    stream = request_log.Stream("s1")
    for at in range(0, len(text), 11):
        stream.read(text[at:at + 11])
def agent(session, kind, words):
    headers = {"x-claude-code-agent-type": kind, "x-claude-code-session-id": session}
    return routing_rules.describe(headers, {"messages": [{"role": "user", "content": words}]}, b"")["agent"]
print(json.dumps([agent(*request) for request in requests]))`;
  const texts = [
    said + called('Agent', start('reviewer', 'look at ä')) + called('Agent', start('two', 'same words')),
    called('Agent', start('three', 'same words')) + called('Read', start('four', 'of another tool')),
    called('Agent', start('say: "hi"', 'no name')) + called('Agent', { prompt: 7 }),
  ];

  it.each<[name: string, session: string, kind: string, words: unknown, agent: string]>([
    ['is known by its first words', 's1', 'custom', [text('<system-reminder>'), text('look at ä')], 'custom/reviewer'],
    ['is known where they are all of the turn', 's1', 'custom', 'look at ä', 'custom/reviewer'],
    ['is not that of another session', 's2', 'custom', 'look at ä', 'custom'],
    ['is not known by other words', 's1', 'custom', 'look at a', 'custom'],
    ['is not certain where two were given the same words', 's1', 'custom', 'same words', 'custom'],
    ['is not given by another tool', 's1', 'custom', 'of another tool', 'custom'],
    ['is none where it does not look like one', 's1', 'custom', 'no name', 'custom'],
    ['is not asked for where the client says it itself', 's1', 'Explore', 'look at ä', 'Explore'],
    ['is not known without words', 's1', 'custom', [], 'custom'],
  ])('%s', (_, session, kind, words, agent) => {
    expect(runPython(code, [texts, [[session, kind, words]]])).toEqual([agent]);
  });
});

it('a body is led to another model by a field at its end', () => {
  const bodies = [
    '{"model":"a","messages":[{}]}',
    ' {"messages":{"model":"b"},"model":"a"} \n',
    '{"a":"}"\r\n}\r\n',
    '{"model":"a","model":"b"}',
  ];
  const code =
    'import routing_rules\nprint(json.dumps([json.loads(routing_rules.led(body.encode(), "c/d")) for body in given]))';
  const expected = [
    { model: 'c/d', messages: [{}] },
    { messages: { model: 'b' }, model: 'c/d' },
    { a: '}', model: 'c/d' },
    { model: 'c/d' },
  ];
  expect(runPython(code, bodies)).toEqual(expected);
});
