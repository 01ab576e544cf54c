import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { pythonPath } from './python-path.ts';

/** What the hook takes from LiteLLM and others: importing the whole takes seconds, and these functions use none of it. */
const driver = `
import asyncio, inspect, json, sys, types
for module, *names in (
    ("fastapi", "HTTPException"),
    ("httpx", "AsyncByteStream", "AsyncClient", "Client", "RemoteProtocolError"),
    ("litellm.exceptions", "APIConnectionError", "BadRequestError", "RateLimitError"),
    ("litellm.integrations.custom_logger", "CustomLogger"),
    ("litellm.llms.custom_httpx.http_handler", "AsyncHTTPHandler"),
    ("litellm.types.utils", "CallTypes"),
    ("litellm.litellm_core_utils.url_utils", "SSRFError"),
    ("litellm.litellm_core_utils.prompt_templates", "image_handling"),
    ("litellm.litellm_core_utils", "token_counter"),
):
    sys.modules[module] = types.ModuleType(module)
    for name in names:
        setattr(sys.modules[module], name, type(name, (), {"send": None}))
import local_answers, local_compat, system_turns

async def arriving(pieces):
    for piece in pieces:
        yield piece.encode()

async def passed_on(stream):
    return [piece.decode() async for piece in stream]

owner = {"folded": system_turns, "WholeAnswer": local_answers}.get(sys.argv[1], local_compat)
called = getattr(owner, sys.argv[1])
argument = json.load(sys.stdin)
print(json.dumps(asyncio.run(passed_on(called(arriving(argument)))) if inspect.isclass(called) else called(argument)))
`;

/** Calls one function of the hook with this argument; for one that passes a stream on, the pieces of the stream. */
function call(name: string, argument: unknown): unknown {
  const env = { PATH: '/usr/bin:/bin:/usr/local/bin', PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1' };
  const input = JSON.stringify(argument);
  const { stdout, stderr, status } = spawnSync('python3', ['-c', driver, name], { input, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

const text = (words: string) => ({ type: 'text', text: words });
const reminder = (words: string) => text(`<system-reminder>\n${words}\n</system-reminder>`);
const user = (...content: unknown[]) => ({ role: 'user', content });
const assistant = { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'Look', input: {} }] };
const result = { type: 'tool_result', tool_use_id: 't', content: 'x' };
const system = (content: unknown) => ({ role: 'system', content });

describe('the first event', () => {
  const headless = 'event: content_block_start\ndata: {}\n\nevent: message_stop\ndata: {}\n\n';
  const whole = `event: message_start\ndata: {}\n\n${headless}`;

  it.each([1, 2, 7, 26, 27, 28, 1000])('is put in where it is missing, with pieces of %s bytes', (size) => {
    const pieces = (text: string) => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    const passed = (call('WholeAnswer', pieces(headless)) as string[]).join('');
    expect(passed.startsWith('event: message_start\n')).toBe(true);
    expect(passed.endsWith(`\n\n${headless}`)).toBe(true);
    expect((call('WholeAnswer', pieces(whole)) as string[]).join('')).toBe(whole);
  });
});

describe('folding system turns', () => {
  it.each([
    [
      'a conversation without them stays as it is',
      [{ role: 'user', content: 'a' }, assistant],
      [{ role: 'user', content: 'a' }, assistant],
    ],
    ['one after a user turn joins it', [{ role: 'user', content: 'a' }, system('s')], [user(text('a'), reminder('s'))]],
    ['blocks are read too', [user(text('a')), system([text('s'), text('t')])], [user(text('a'), reminder('s\n\nt'))]],
    [
      'two in a row keep their order',
      [user(text('a')), system('s'), system('t')],
      [user(text('a'), reminder('s'), reminder('t'))],
    ],
    [
      'one before a tool result goes behind it',
      [user(text('a')), assistant, system('s'), user(result)],
      [user(text('a')), assistant, user(result, reminder('s'))],
    ],
    [
      'one between two assistant turns gets a turn of its own',
      [assistant, system('s'), assistant],
      [assistant, user(reminder('s')), assistant],
    ],
    [
      'one at the very end after the assistant too',
      [user(text('a')), assistant, system('s')],
      [user(text('a')), assistant, user(reminder('s'))],
    ],
    ['one at the beginning joins what follows', [system('s'), user(text('a'))], [user(text('a'), reminder('s'))]],
    ['an empty one disappears', [user(text('a')), system([])], [user(text('a'))]],
  ])('%s', (_, messages, folded) => {
    expect(call('folded', messages)).toEqual(folded);
  });

  it('never changes what was sent before, so that a server can re-use it', () => {
    const conversation = [
      user(text('a')),
      system('s'),
      assistant,
      user(result),
      system('t'),
      assistant,
      user(text('b')),
    ];
    const whole = call('folded', conversation) as unknown[];
    const earlier = call('folded', conversation.slice(0, 5)) as unknown[];
    expect(whole.slice(0, earlier.length)).toEqual(earlier);
  });
});

describe('the billing line', () => {
  const billing = 'x-anthropic-billing-header: cc_version=1;';
  it.each([
    [[text(billing), text('You are')], [text('You are')]],
    [
      [text('You are'), { ...text('kept'), cache_control: {} }],
      [text('You are'), { ...text('kept'), cache_control: {} }],
    ],
    [`${billing}\nYou are`, 'You are'],
  ])('is taken out of the system prompt', (given, left) => {
    expect(call('without_billing', given)).toEqual(left);
  });
});

describe('the words for the client', () => {
  it.each([
    ['… (n_keep: 70057>= n_ctx: 65536). Try', 'prompt is too long: 70057 tokens > 65536 maximum'],
    [
      'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which',
      'prompt is too long: 9000 tokens > 4096 maximum',
    ],
    [
      'request (5 tokens) exceeds the available context size (4 tokens), try',
      'prompt is too long: 5 tokens > 4 maximum',
    ],
    ['the input exceeds the available context size', 'prompt is too long'],
    [
      'litellm.X: the local server at http://h:1 cannot be reached: refused\n\nLiteLLM: model group',
      'the local server at http://h:1 cannot be reached: refused',
    ],
    [
      'litellm.X: the local server broke off before its answer was complete\n\nLiteLLM: model group',
      'the local server broke off before its answer was complete',
    ],
    ['the local server broke off: {"error": "(n_keep: 9>= n_ctx: 8)"}', 'prompt is too long: 9 tokens > 8 maximum'],
    [
      'Unexpected endpoint or method. (POST /v1/messages)',
      'the local server has no Messages API: a newer version of it is needed (LM Studio 0.4.1, Ollama 0.14, llama.cpp and vLLM of 2026)',
    ],
    ['System message must be at the beginning', null],
    ['Connection timed out', null],
  ])('%s', (error, message) => {
    expect(call('client_message', error)).toBe(message);
  });
});
