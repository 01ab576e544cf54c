import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { python } from '../gateway/hook-python.ts';
import { type ClientLab, models, openClientLab } from './client-lab.ts';
import type { Recorded } from './recorder.ts';

let lab: ClientLab;
beforeAll(async () => {
  lab = await openClientLab();
});
afterAll(() => lab.close());

interface Seen {
  readonly kinds: readonly string[];
  readonly agent: string | null;
  readonly launcher: string | null;
  readonly directories: readonly string[];
  readonly tokens: number;
}

/** What the gateway makes of requests of the real client. */
function seen(requests: readonly Recorded[]): readonly Seen[] {
  const code = `import routing_rules
print(json.dumps([routing_rules.describe(headers, json.loads(body), body.encode()) for headers, body in given]))`;
  return python(
    code,
    requests.map(({ headers, body }) => [headers, JSON.stringify(body)]),
  );
}

/** In the order of their beginnings, each once. */
function kindsOf(requests: readonly Recorded[]): readonly string[] {
  return [...new Set(seen(requests).map(({ kinds }) => kinds.join(' ')))];
}

const agent = (name: string): Record<string, string> => ({
  [`.claude/agents/${name}.md`]: `---\nname: ${name}\ndescription: ${name}\n---\nYou say hi.\n`,
});
const call = (tool: string, input: object): string => `use the tool ${tool} with ${JSON.stringify(input)}`;
const text = ({ body }: Recorded): string => JSON.stringify(body);
const isTitle = (request: Recorded): boolean => text(request).includes('<session>');
const headless = (prompt: string, ...more: readonly string[]): readonly string[] => [
  ...['--all-tools', '-p', prompt, '--output-format', 'json'],
  ...more,
];

describe('the kinds of what the real client sends', () => {
  it.each([
    ['claude-routed', 'a model that it knows'],
    ['claude-local', 'a model that it does not know'],
  ] as const)(
    'in a conversation of %s, with %s: title, plan mode and its end, result of a tool, compaction',
    async (name, _) => {
      const args = ['--all-tools', '--permission-mode', 'plan'];
      const asked = await lab.converse(name, { project: { 'a.txt': 'x' }, args }, async ({ say, until, terminal }) => {
        await say(call('Read', { file_path: 'a.txt' }));
        await until((request) => text(request).includes('tool_result') && !isTitle(request));
        await until(isTitle);
        terminal.press('BackTab');
        await terminal.sees('❯');
        await say('and now something else');
        await until((request) => text(request).includes('and now something else'));
        await say('/compact');
        await until((request) => text(request).includes('CRITICAL: Respond with TEXT ONLY'));
      });
      const kinds = kindsOf(asked);
      expect([...kinds].sort()).toEqual(['', 'compaction', 'plan', 'plan tool-result', 'title background']);
      expect(seen(asked).every(({ launcher, agent: none }) => launcher === name && none === null)).toBe(true);
    },
  );

  it('of subagents, by the name that the client gives them', async () => {
    const prompt = ['plain', 'Explore', 'Plan', 'general-purpose']
      .map((type) => call('Agent', { prompt: `asked of ${type}`, description: 'x', subagent_type: type }))
      .join('\n');
    const run = await lab.start('claude-routed', { project: agent('plain'), args: headless(prompt) });
    const agents = seen(run.messages).filter(({ kinds }) => kinds.includes('subagent'));
    expect(agents.map(({ agent: called }) => called).sort()).toEqual(['Explore', 'Plan', 'custom', 'general-purpose']);
    expect(seen(run.messages)[0]).toMatchObject({ kinds: [], agent: null });
  });

  it('of a web search', async () => {
    const run = await lab.start('claude-routed', {
      args: headless(call('WebSearch', { query: 'hello world' }), '--allowedTools', 'WebSearch'),
    });
    expect(kindsOf(run.messages)).toEqual(['', 'background web-search', 'tool-result']);
  });

  it('of an image that a tool has found', async () => {
    const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const change = (script: string): string => script.replace('\nexec ', `\nbase64 -d <<<${pixel} >a.png\nexec `);
    const run = await lab.start('claude-routed', { change, args: headless(call('Read', { file_path: 'a.png' })) });
    expect(kindsOf(run.messages)).toEqual(['', 'image tool-result']);
  });
});

it('a session that starts in a folder of a rule says so with each request', async () => {
  const directories = [{ path: `${lab.layout.home}/marked`, mark: 'in-0123abcd' }];
  const within = await lab.start('claude-routed', { directory: 'marked/below', models: { ...models, directories } });
  expect(seen(within.messages)[0]?.directories).toEqual(['in-0123abcd']);
  const beside = await lab.start('claude-routed', { directory: 'unmarked', models: { ...models, directories } });
  expect(seen(beside.messages)[0]?.directories).toEqual([]);
});
