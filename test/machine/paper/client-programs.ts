import { type Call, changes, failed, looks, type Machine, type Program, type Reply, said } from './program.ts';

/** The release that both channels of the paper download site offer. */
export const paperClaudeVersion = '2.1.332';

/** The mise that the paper machine has and its site offers. */
export const paperMiseVersion = '2026.9.15';

const mise: Program = ({ args }, { state }) => {
  const [verb, ...rest] = args;
  if (verb === '--version') return looks(() => said(`${paperMiseVersion} linux-x64 (2026-09-15)`));
  if (verb === 'outdated' && rest.join(' ') === '--json') return looks(() => said('{}'));
  if (verb === 'ls' && rest.join(' ') === '--global --json')
    return looks(() => said(JSON.stringify(toolListing(state.tools))));
  if (verb !== 'use' || rest[0] !== '--global' || rest[1] !== '--yes') return undefined;
  return changes(() => {
    state.tools = [...new Set([...state.tools, ...rest.slice(2)])];
    return said();
  });
};

function toolListing(tools: readonly string[]): Record<string, object[]> {
  const rows = tools.map(
    (tool) =>
      [
        tool.split('@')[0] ?? '',
        { version: `${tool.split('@')[1]}.1`, requested_version: tool.split('@')[1], installed: true, active: true },
      ] as const,
  );
  return Object.fromEntries(rows.map(([name, row]) => [name, [row]]));
}

/** Claude Code: its version, its doctor, and one question without tools, really asked of the address in its environment. */
const claude: Program = (call, { state }) => {
  const [first, question = ''] = call.args.slice(call.args.findIndex((word) => !fromLauncher.test(word)));
  if (first === '--version') return looks(() => said(`${state.claudeVersion} (Claude Code)`));
  if (first === 'doctor') return looks(() => said('Diagnostics: no issues'));
  return first === '-p' ? looks(async () => await askQuestion(call, question)) : undefined;
};

/** What a launcher puts in front of the words that it was given. */
const fromLauncher = /^--(exclude-dynamic-system-prompt-sections|(permission-mode|tools)=\S+)$/;

async function askQuestion({ env }: Call, question: string): Promise<Reply> {
  const [base, token, model] = [
    env.ANTHROPIC_BASE_URL ?? '',
    env.ANTHROPIC_AUTH_TOKEN ?? '',
    env.ANTHROPIC_MODEL ?? '',
  ];
  const body = { model, max_tokens: 1024, messages: [{ role: 'user', content: question }] };
  const headers = {
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    authorization: `Bearer ${token}`,
    connection: 'close',
  };
  const reply = await fetch(`${base}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(body) }).catch(
    (error: unknown) => String(error),
  );
  if (typeof reply === 'string') return result({ is_error: true, result: `API Error: Connection error (${reply})` });
  const text = await reply.text();
  if (reply.status !== 200) return result({ is_error: true, result: `API Error: ${reply.status} ${text}` });
  const { content } = JSON.parse(text) as { readonly content: readonly { readonly text?: string }[] };
  return result({
    is_error: false,
    result: content.map((block) => block.text ?? '').join(''),
    modelUsage: { [model]: { inputTokens: 1, outputTokens: 1 } },
  });
}

function result(line: { readonly is_error: boolean; readonly result: string; readonly modelUsage?: object }): Reply {
  const text = JSON.stringify({ type: 'result', subtype: 'success', modelUsage: {}, ...line });
  return line.is_error ? failed('', 1, text) : said(text);
}

/** The script that brings a signed release, as far as it puts mise or Claude Code in its place. */
const bash: Program = ({ args, input, env }, machine: Machine) => {
  // What goes on beside the steps: of it nothing has come yet when it is asked for.
  if (args[0] === '-c' && args[2]?.endsWith('-ahead') === true) return changes(() => said());
  const [what, target = '', fingerprint = ''] = args[0] === '-s' && args[1] === '--' ? args.slice(2) : [];
  if (what !== 'mise' && what !== 'claude-code') return undefined;
  return changes(() => {
    if (!input.includes('VALIDSIG') || !releaseKeys.includes(fingerprint)) return failed('not a signed release');
    machine.placeProgram(what === 'mise' ? target : `${env.HOME ?? ''}/.local/bin/claude`);
    if (what === 'claude-code') machine.state.claudeVersion = paperClaudeVersion;
    return said();
  });
};

/** Anthropic's key, and that of mise. */
const releaseKeys = ['31DDDE24DDFAB679F42D7BD2BAA929FF1A7ECACE', '24853EC9F655CE80B48E6C3A8B81C9D17413A06D'];

export const clientPrograms = { mise, claude, bash } as const satisfies Record<string, Program>;
