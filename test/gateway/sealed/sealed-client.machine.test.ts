import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { put } from '../../render/scratch.ts';
import { type ClaudeRun, runClaude } from '../claude-client.ts';
import { type Scene, setScene } from '../scene.ts';
import { canary, leaked, notes, type SealedHome, sealedHome } from './canaries.ts';

const sonnet = 'claude-sonnet-4-6';
const notebook = JSON.stringify({
  cells: [{ cell_type: 'markdown', id: 'c1', metadata: {}, source: [canary] }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
/** A server of tools and resources that reads a file by a name of its own. */
const server = `
import json, sys
text = open(sys.argv[1]).read()
def answer(request):
    method = request["method"]
    if method == "initialize":
        return {"protocolVersion": request["params"]["protocolVersion"], "capabilities": {"tools": {}, "resources": {}}, "serverInfo": {"name": "birds", "version": "1"}}
    if method == "tools/list":
        return {"tools": [{"name": "sing", "description": "sings", "inputSchema": {"type": "object"}}]}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": text}]}
    if method == "resources/list":
        return {"resources": [{"uri": "bird://song", "name": "song"}]}
    if method == "resources/read":
        return {"contents": [{"uri": "bird://song", "mimeType": "text/plain", "text": text}]}
    return {}
for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": answer(request)}), flush=True)
`;

let home: SealedHome;
let scene: Scene;
let started = 0;
/** A folder that is not sealed, with links into the one that is: the calls below name nothing of it. */
let work: string;

beforeAll(async () => {
  home = sealedHome({ 'notes.md': notes, 'book.ipynb': notebook, 'CLAUDE.md': notes, 'SKILL.md': skill(canary) });
  scene = await setScene({ environment: home.environment, answers: { ...cloud, failover: { allowed: true } } });
});
afterAll(async () => {
  await scene?.close();
  rmSync(home.home, { recursive: true, force: true, maxRetries: 5 });
});
beforeEach(() => {
  scene.reset();
  started += 1;
  work = `${home.home}/work${started}`;
  mkdirSync(work);
  for (const [name, file] of [
    ['plain.md', 'notes.md'],
    ['book.ipynb', 'book.ipynb'],
  ] as const)
    symlinkSync(`${home.folder}/${file}`, `${work}/${name}`);
});

const cloud = { cloud: { anthropic: { models: { sonnet, haiku: 'claude-haiku-4-5' } } } };
/** A picture of noise, 64 by 64. */
const picture = png(64);
const paper =
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

function png(side: number): Buffer {
  const rows = Buffer.concat(Array.from({ length: side }, () => Buffer.concat([Buffer.of(0), randomBytes(side * 3)])));
  const size = Buffer.alloc(8);
  size.writeUInt32BE(side, 0);
  size.writeUInt32BE(side, 4);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.concat([size, Buffer.of(8, 2, 0, 0, 0)])),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

function skill(text: string): string {
  return `---\nname: song\ndescription: sings\n---\n${text}\n`;
}

function run(...args: readonly string[]): Promise<ClaudeRun> {
  const environment = {
    IS_SANDBOX: '1',
    CLAUDE_CODE_GATEWAY_HINT_HEADERS: '1',
    ANTHROPIC_CUSTOM_HEADERS: 'x-claude-routing: claude-routed',
    ANTHROPIC_DEFAULT_HAIKU_MODEL: 'claude-haiku-4-5',
  };
  return runClaude(scene, work, sonnet, ['--dangerously-skip-permissions', ...args], environment);
}
const use = (tool: string, input: object): string => `use the tool ${tool} with ${JSON.stringify(input)}`;
const bash = (command: string): string => use('Bash', { command, description: 'looks' });

/** How many requests each side got, and how many of the local one's have the canary. */
function seen(): { readonly cloud: number; readonly local: number; readonly canaries: number } {
  const local = scene.lmStudio.requests.map(({ body }) => JSON.stringify(body));
  return {
    cloud: scene.anthropic.requests.length,
    local: local.length,
    canaries: local.filter((text) => /canary/i.test(text)).length,
  };
}

/** By tool of the client: what is said to it, or why it brings no bytes of a file into a conversation. */
const tools: Readonly<Record<string, string | { readonly none: string }>> = {
  Agent: use('Agent', { prompt: bash('cat plain.md'), description: 'x', subagent_type: 'general-purpose' }),
  Bash: bash('cat plain.md'),
  CronCreate: { none: 'words of the model' },
  CronDelete: { none: 'words of the model' },
  CronList: { none: 'words of the model' },
  DesignSync: { none: 'talks to a web site' },
  Edit: `${use('Read', { file_path: 'WORK/copy.md' })} and ${use('Edit', { file_path: 'WORK/copy.md', old_string: 'A line before it', new_string: 'x' })}`,
  EnterWorktree: { none: 'names of folders' },
  ExitWorktree: { none: 'names of folders' },
  ListAgents: { none: 'names of agents' },
  Monitor: use('Monitor', { command: 'cat plain.md', description: 'x', timeout_ms: 5000 }),
  NotebookEdit: `${use('Read', { file_path: 'WORK/book.ipynb' })} and ${use('NotebookEdit', { notebook_path: 'WORK/book.ipynb', cell_id: 'c1', new_source: 'x' })}`,
  Read: use('Read', { file_path: 'WORK/plain.md' }),
  ReportFindings: { none: 'words of the model' },
  ScheduleWakeup: { none: 'words of the model' },
  SendMessage: { none: 'words of the model' },
  Skill: use('Skill', { skill: 'song' }),
  TaskCreate: { none: 'words of the model' },
  TaskGet: { none: 'words of the model' },
  TaskList: { none: 'words of the model' },
  TaskStop: { none: 'words of the model' },
  TaskUpdate: { none: 'words of the model' },
  WebFetch: { none: 'a web page, which the gateway does not fetch' },
  WebSearch: { none: 'results of a search' },
  Workflow: { none: 'starts agents, whose tools are these' },
  Write: `${use('Read', { file_path: 'WORK/copy.md' })} and ${use('Write', { file_path: 'WORK/copy.md', content: 'x' })}`,
};
const readers = Object.entries(tools).filter((row): row is [string, string] => typeof row[1] === 'string');

it('has these tools and no other one', async () => {
  await run('-p', 'hello');
  const offered = scene.anthropic.requests.flatMap(({ body }) => (body as { tools?: { name: string }[] }).tools ?? []);
  expect([...new Set(offered.map(({ name }) => name))].sort()).toEqual(Object.keys(tools).sort());
  expect(seen()).toMatchObject({ local: 0 });
});

describe('text of a sealed file that is called by another name stays local from the turn on that has it', () => {
  it.each(readers)('by the tool %s', async (_, said) => {
    writeFileSync(`${work}/copy.md`, readFileSync(`${home.folder}/notes.md`));
    put(`${work}/claude/skills/song/SKILL.md`, skill(canary));
    await run('-p', said.replaceAll('WORK', work));
    expect(seen().cloud).toBeGreaterThan(0);
    expect(seen().canaries).toBeGreaterThan(0);
    expect(leaked(scene)).toEqual([]);
  });

  it.each([
    ['head', 'head -c 90 plain.md'],
    ['sed', 'sed -n 4p plain.md'],
    ['grep', 'grep -n copper plain.md'],
    ['grep in several files', 'grep -r copper . --include=plain.md; cat -n plain.md'],
    ['a program', `python3 -c "print(open('plain.md').read())"`],
    ['a diff', 'diff /dev/null plain.md'],
    ['standard error', 'cat plain.md >&2; exit 3'],
  ])('by a command: %s', async (_, command) => {
    await run('-p', bash(command));
    expect(seen().cloud).toBeGreaterThan(0);
    expect(seen().canaries).toBeGreaterThan(0);
    expect(leaked(scene)).toEqual([]);
  });

  it.each([
    ['a file that is mentioned', ['-p', 'what says @plain.md']],
    ['a notebook that is mentioned', ['-p', 'what says @book.ipynb']],
    ['what is added to the system prompt', ['-p', 'hello', '--append-system-prompt', canary]],
    ['what is typed', ['-p', `hello ${canary}`]],
    ['a skill that is typed', ['-p', '/song']],
    ['a command of one’s own that runs another', ['-p', '/look']],
    ['instructions', ['-p', 'hello'], 'CLAUDE.md'],
    ['a hook', ['-p', 'hello'], 'hook'],
    [
      'a resource of a server',
      ['-p', use('ReadMcpResourceTool', { server: 'birds', uri: 'bird://song' }), '--mcp-config', 'WORK/mcp.json'],
    ],
    ['a tool of a server', ['-p', use('mcp__birds__sing', {}), '--mcp-config', 'WORK/mcp.json']],
  ])('by %s', async (_, args, made?: string) => {
    put(`${work}/claude/skills/song/SKILL.md`, skill(canary));
    put(`${work}/claude/commands/look.md`, '---\nallowed-tools: Bash(cat:*)\n---\nHere: !`cat plain.md`\n');
    put(`${work}/birds.py`, server);
    const birds = { command: 'python3', args: [`${work}/birds.py`, `${work}/plain.md`] };
    put(`${work}/mcp.json`, JSON.stringify({ mcpServers: { birds } }));
    if (made === 'CLAUDE.md') symlinkSync(`${home.folder}/CLAUDE.md`, `${work}/CLAUDE.md`);
    const start = [{ hooks: [{ type: 'command', command: `cat ${work}/plain.md` }] }];
    if (made === 'hook') put(`${work}/claude/settings.json`, JSON.stringify({ hooks: { SessionStart: start } }));
    await run(...args.map((word) => word.replaceAll('WORK', work)));
    expect(seen().canaries).toBeGreaterThan(0);
    expect(leaked(scene)).toEqual([]);
  });

  it.each([
    ['an image', 'picture.png', picture],
    ['a PDF', 'paper.pdf', paper],
  ])('as %s that is read as it is', async (_, name, bytes) => {
    writeFileSync(`${home.folder}/${name}`, bytes);
    symlinkSync(`${home.folder}/${name}`, `${work}/${name}`);
    await run('-p', use('Read', { file_path: `${work}/${name}` }));
    const bodies = scene.anthropic.requests.map(({ body }) => JSON.stringify(body));
    expect(bodies.filter((body) => body.includes('"type":"base64"'))).toEqual([]);
    expect(seen().cloud).toBe(1);
    // Before them it is asked whether it can see.
    expect(JSON.stringify(scene.lmStudio.requests.map(({ body }) => body ?? null))).toContain(name);
    expect(scene.lmStudio.requests.length).toBeGreaterThan(0);
  });
});
