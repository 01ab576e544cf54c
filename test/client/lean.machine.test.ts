import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientCommands, coreTools } from '../../src/components/launchers/launchers.ts';
import { DOWNLOAD_VERSIONS } from '../machine/stand-ins/download-cache.ts';
import { type ClientLab, type ClientRun, openClientLab } from './client-lab.ts';
import type { Recorded } from './recorder.ts';

let lab: ClientLab;
beforeAll(async () => {
  lab = await openClientLab();
});
afterAll(() => lab.close());

interface Body {
  readonly system: unknown;
  readonly tools?: readonly { readonly name: string }[];
  readonly messages: unknown;
}
const body = (request: Recorded | undefined): Body => request?.body as Body;
const json = ['--output-format', 'json'];

/** About four bytes a token, over everything that is sent. */
function tokens(request: Recorded | undefined): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(request?.body)) / 4);
}

function toolsOf({ messages }: ClientRun): readonly string[] {
  return (body(messages[0]).tools ?? []).map(({ name }) => name).sort();
}

const core = [...coreTools].sort();
const isFirst = (request: Recorded): boolean => (body(request).tools?.length ?? 0) > 0;

describe.each(['claude-local', 'claude-offline'] as const)('the first prompt of %s', (name) => {
  it('has at most 5,500 tokens, of which 3,700 are the same in every directory and on every day', async () => {
    const [one, two] = [await lab.start(name), await lab.start(name, { args: ['-p', 'Another beginning?', ...json] })];
    expect([toolsOf(one), toolsOf(two)]).toEqual([core, core]);
    expect(tokens(one.messages[0])).toBeLessThan(5500);
    const [a, b] = [body(one.messages[0]), body(two.messages[0])];
    expect(JSON.stringify([a.system, a.tools])).toBe(JSON.stringify([b.system, b.tools]));
    expect(JSON.stringify([a.system, a.tools]).length).toBeGreaterThan(15_000);
    expect(JSON.stringify([a.system, a.tools])).not.toMatch(/\d{4}-\d\d-\d\d|project-/);
    expect(JSON.stringify(a.messages)).not.toBe(JSON.stringify(b.messages));
  });

  it('has as few in a terminal', async () => {
    const asked = await lab.converse(name, {}, async ({ say, until }) => {
      await say('say hi to me');
      await until(isFirst);
    });
    expect(tokens(asked.find(isFirst))).toBeLessThan(5500);
  });

  it('has about 21,700 with all tools, and those too are the same in every directory', async () => {
    const [one, two] = [
      await lab.start(name, { args: ['--all-tools', '-p', 'hi', ...json] }),
      await lab.start(name, { args: ['-p', 'Another beginning?', '--all-tools', ...json] }),
    ];
    expect(toolsOf(one)).toEqual(
      expect.arrayContaining([...core, 'Agent', 'WebFetch'].filter((tool) => !['Glob', 'Grep'].includes(tool))),
    );
    expect(tokens(one.messages[0])).toBeGreaterThan(15_000);
    const [a, b] = [body(one.messages[0]), body(two.messages[0])];
    expect(JSON.stringify([a.system, a.tools])).toBe(JSON.stringify([b.system, b.tools]));
  });
});

describe('a lean session', () => {
  it.each([
    [['-p', 'hi', '--tools', 'WebFetch'], ['WebFetch']],
    [['-p', 'hi', '--allowedTools', 'WebFetch'], [...core, 'WebFetch'].sort()],
    [['-p', 'hi', '--allowedTools', 'Bash(git *)'], core],
    [['-p', 'hi', '--disallowedTools', 'Bash'], core.filter((tool) => tool !== 'Bash')],
  ])('has the tools that the person names: %j', async (args, expected) => {
    expect(toolsOf(await lab.start('claude-local', { args: [...args, ...json] }))).toEqual(expected);
  });

  it.each([
    [['hi', '-p']],
    [['-p', '--', 'hi']],
    [['-p', 'hi', '--max-budget-usd', '1']],
    [['-p', '/greet']],
    [['-p', '/a-skill']],
  ])('swallows no word of the person: %j', async (args) => {
    const project = {
      '.claude/commands/greet.md': 'say hi\n',
      '.claude/skills/a-skill/SKILL.md': '---\nname: a-skill\ndescription: d\n---\nsay hi\n',
    };
    const run = await lab.start('claude-local', { args, project });
    expect([run.exitCode, run.stdout, toolsOf(run)]).toEqual([0, 'hello\n', core]);
    expect(JSON.stringify(body(run.messages[0]).messages)).toContain('hi');
  });

  it('has the tools of the own servers of the person too', async () => {
    const server = `
      const answer = (id, result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method, params } = JSON.parse(line);
        if (method === 'initialize')
          answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } });
        else if (method === 'tools/list')
          answer(id, { tools: [{ name: 'look', description: 'looks', inputSchema: { type: 'object', properties: {} } }] });
        else if (id !== undefined) answer(id, {});
      });`;
    const servers = { mcpServers: { own: { command: process.execPath, args: ['-e', server] } } };
    const args = ['-p', 'hi', '--mcp-config', JSON.stringify(servers), ...json];
    expect(toolsOf(await lab.start('claude-local', { args }))).toEqual([...core, 'mcp__own__look']);
  });

  it('can be gone on with', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    await lab.start('claude-local', { args: ['-p', 'remember this', '--session-id', id, ...json], directory: 'same' });
    const again = await lab.start('claude-local', {
      args: ['--resume', id, '-p', 'and now', ...json],
      directory: 'same',
    });
    expect(JSON.stringify(body(again.messages[0]).messages)).toContain('remember this');
    expect(toolsOf(again)).toEqual(core);
  });
});

describe('the commands of the client', () => {
  it('are all known to the launchers', async () => {
    const { stdout } = await lab.start('claude-local', { args: ['--help'] });
    const commands = /^Commands:\n([\s\S]*)/m.exec(stdout)?.[1] ?? '';
    const named = [...commands.matchAll(/^ {2}([a-z][a-z|-]*)/gm)].flatMap(([, names = '']) => names.split('|'));
    expect(named.length).toBeGreaterThan(10);
    for (const name of named) expect(clientCommands).toContain(name);
  });

  it.each([
    [['attach', 'x'], 'No session matching'],
    [['logs', 'x'], 'No session matching'],
    [['rm', 'x'], 'No session matching'],
    [['daemon', 'status'], 'not running'],
    [['mcp', 'list'], 'No MCP servers configured'],
    [['doctor'], ''],
    [['--version'], DOWNLOAD_VERSIONS.claude],
  ])('work as they are: %j', async (args, said) => {
    const run = await lab.start('claude-local', { args });
    expect(run.stdout + run.stderr).toContain(said);
    expect(run.messages).toEqual([]);
  });
});
