import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anthropic } from './anthropic.ts';
import { isRecord } from './exchange.ts';
import { lmStudio } from './lm-studio.ts';
import { listen, type StandIn } from './stand-in.ts';

/** What one run of the real client came to. */
export interface ClientRun {
  readonly name: string;
  readonly exitCode: number;
  /** The `result` of its JSON output. */
  readonly said: string;
  readonly models: readonly string[];
  /** Per request for an answer: the roles, how many tools, and what came of it. */
  readonly requests: readonly { readonly roles: readonly string[]; readonly tools: number; readonly status: number }[];
}

interface Wanted {
  readonly name: string;
  readonly standIn: StandIn;
  readonly prompt: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs the real Claude Code against the stand-ins and prints a `ClientRun` per line. To be started in a network
 * namespace that has nothing but loopback: `tsx real-client-scenario.ts PATH-OF-CLAUDE`.
 */
async function main(claude: string): Promise<void> {
  for (const wanted of scenario()) process.stdout.write(`${JSON.stringify(await runClient(claude, wanted))}\n`);
}

function scenario(): readonly Wanted[] {
  const key = `sk-ant-${randomBytes(16).toString('hex')}`;
  const cloud = anthropic({ keys: { [key]: null } });
  // Straight at an engine that makes grammars, the client's own tools are refused; the gateway's hook is what mends that.
  const local = lmStudio({ grammar: false });
  const strict = lmStudio({ grammar: false, strictTemplate: true });
  const big = { ANTHROPIC_AUTH_TOKEN: 'lmstudio', ANTHROPIC_MODEL: 'qwen/qwen3.6-35b-a3b' };
  const small = { ANTHROPIC_AUTH_TOKEN: 'lmstudio', ANTHROPIC_MODEL: 'openai/gpt-oss-20b' };
  const ofCloud = (model: string) => ({ ANTHROPIC_API_KEY: key, ANTHROPIC_MODEL: model });
  const hi = 'say hi';
  const tool = 'use the tool Bash with {"command":"echo six-times-$((6*7))","description":"counts"}';
  return [
    { name: 'cloud sonnet', standIn: cloud, prompt: hi, env: ofCloud('claude-sonnet-4-6') },
    { name: 'cloud haiku', standIn: cloud, prompt: hi, env: ofCloud('claude-haiku-4-5') },
    { name: 'cloud tool', standIn: cloud, prompt: tool, env: ofCloud('claude-sonnet-4-6') },
    {
      name: 'cloud wrong key',
      standIn: cloud,
      prompt: hi,
      env: { ...ofCloud('claude-sonnet-4-6'), ANTHROPIC_API_KEY: 'no' },
    },
    { name: 'local', standIn: local, prompt: hi, env: big },
    { name: 'local tool', standIn: local, prompt: tool, env: big },
    { name: 'local strict template', standIn: strict, prompt: hi, env: big },
    { name: 'local small window', standIn: local, prompt: hi, env: small },
  ];
}

async function runClient(claude: string, wanted: Wanted): Promise<ClientRun> {
  const home = await mkdtemp(join(tmpdir(), 'real-client-'));
  const server = await listen(wanted.standIn);
  try {
    const env = {
      HOME: home,
      PATH: '/usr/bin:/bin',
      ANTHROPIC_BASE_URL: server.url,
      CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1',
      CLAUDE_CODE_MAX_RETRIES: '0',
      ...wanted.env,
    };
    const { exitCode, stdout } = await claudePrint(claude, wanted.prompt, home, env);
    return { name: wanted.name, exitCode, ...readOutput(stdout), requests: readRequests(wanted.standIn) };
  } finally {
    await server.close();
    wanted.standIn.reset();
    await rm(home, { recursive: true, force: true });
  }
}

function claudePrint(
  claude: string,
  prompt: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ exitCode: number; stdout: string }> {
  const args = ['--allowedTools', 'Bash', '-p', prompt, '--output-format', 'json'];
  return new Promise((resolve) => {
    const child = execFile(claude, args, { cwd, env, timeout: 60_000 }, (error, stdout) => {
      resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout });
    });
    child.stdin?.end();
  });
}

function readOutput(stdout: string): { said: string; models: readonly string[] } {
  const result: unknown = stdout === '' ? {} : JSON.parse(stdout);
  if (!isRecord(result)) return { said: stdout, models: [] };
  return { said: String(result.result), models: Object.keys(isRecord(result.modelUsage) ? result.modelUsage : {}) };
}

function readRequests(standIn: StandIn): ClientRun['requests'] {
  return standIn.requests.flatMap((request) => {
    const body = request.body;
    if (!isRecord(body) || !Array.isArray(body.messages)) return [];
    const roles = body.messages.map((message: unknown) => (isRecord(message) ? String(message.role) : ''));
    return [{ roles, tools: Array.isArray(body.tools) ? body.tools.length : 0, status: request.answer.status }];
  });
}

await main(process.argv[2] ?? 'claude');
