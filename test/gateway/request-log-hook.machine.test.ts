import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { causes } from '../../src/components/gateway/request-log.ts';
import { readRequestLog } from '../components/gateway/read-request-log.ts';
import { scratchDirectory } from '../render/scratch.ts';
import { python } from './hook-python.ts';

describe('the cause of a failure', () => {
  const failures: readonly (readonly [kind: string, text: string, status: number | null, cause: string])[] = [
    [
      'APIConnectionError',
      'the local server at http://h:1 cannot be reached: no answer within 1.5 s',
      500,
      'unreachable',
    ],
    ['InternalServerError', 'Lm_studioException - Cannot connect to host h:1', 500, 'unreachable'],
    ['InternalServerError', 'Lm_studioException - Server disconnected', 500, 'broken-off'],
    ['APIConnectionError', 'the local server broke off before its answer was complete', 500, 'broken-off'],
    ['ReadError', 'Response payload is not completed', 500, 'broken-off'],
    ['Timeout', 'Connection timed out after 1500 seconds', 408, 'timeout'],
    ['APIConnectionError', 'Timed out', 500, 'timeout'],
    ['RateLimitError', 'prompt is too long for this minute', 429, 'rate-limited'],
    ['InternalServerError', 'status 500 on demand', 500, 'server-error'],
    ['BadGatewayError', '', 502, 'server-error'],
    ['ServiceUnavailableError', 'overloaded', 503, 'server-error'],
    ['BadRequestError', '(n_keep: 70057>= n_ctx: 65536)', 400, 'too-long'],
    ['BadRequestError', 'context length of only 4096 tokens', 400, 'too-long'],
    ['BadRequestError', 'request (5 tokens) exceeds the available context size (4 tokens)', 400, 'too-long'],
    ['BadRequestError', 'prompt is too long: 5 tokens > 4 maximum', 400, 'too-long'],
    ['ContextWindowExceededError', '', 400, 'too-long'],
    ['BadRequestError', 'Your credit balance is too low', 400, 'no-credit'],
    ['RateLimitError', 'reached the monthly spend limit', 429, 'no-credit'],
    ['APIError', '', 402, 'no-credit'],
    ['AuthenticationError', 'invalid x-api-key', 401, 'refused-key'],
    ['PermissionDeniedError', '', 403, 'refused-key'],
    ['NotFoundError', 'model: x', 404, 'not-found'],
    ['ProxyModelNotFoundError', '', 400, 'not-found'],
    ['BadRequestError', 'Unexpected role', 400, 'bad-request'],
    ['HTTPException', '', 400, 'bad-request'],
    ['KeyError', 'x', null, 'other'],
  ];

  it('is one word', () => {
    const words = python<string[]>(
      'print(json.dumps([request_log.cause_of(*failure[:3]) for failure in given]))',
      failures,
    );
    expect(failures.map((failure, index) => [...failure.slice(0, 3), words[index]])).toEqual(failures);
  });

  it('is a word that the program knows', () => {
    expect(python<string[]>('print(json.dumps(request_log.CAUSES))').sort()).toEqual([...causes].sort());
  });
});

describe('a stream', () => {
  const text = [
    'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":7,"cache_read_input_tokens":40,"cache_creation_input_tokens":2,"output_tokens":1}}}',
    'event: ping\ndata: {"type":"ping"}',
    'event: content_block_start\ndata: {"type":"content_block_start","index":0}',
    'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"event: message_stop\\n\\nevent: error ä"}}',
    'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":19}}',
    'event: message_stop\ndata: {"type":"message_stop"}',
    '',
  ].join('\n\n');
  const junk =
    '\n\nevent: ping\ndata: null\n\nevent: message_delta\ndata: {"usage":"x"}\n\nevent: message_delta\ndata: [\n\n';
  const cutCall = [
    'event: content_block_start\ndata: {"content_block":{"type":"tool_use","name":"Agent"}}',
    'event: content_block_delta\ndata: {"delta":{"partial_json":"{\\"prompt\\": \\"half of it"}}',
    'event: content_block_stop\ndata: {}',
    '',
  ].join('\n\n');
  const read = `
def read(text, size):
    stream, piece, log = request_log.Stream(), text.encode(), request_log.RequestLog()
    for at in range(0, len(piece), size):
        log._tried(stream.read, piece[at:at + size])
    return [stream.whole, stream.error, stream.first is not None, list(request_log.tokens_of(stream.usage))]
print(json.dumps([read(given, size) for size in (1, 2, 3, 7, 100, 100000)]))`;

  it.each([
    ['whole', text, [true, null, true, [49, 40, 19]]],
    [
      'with Windows line ends',
      text.replaceAll('\n', '\r\n').replaceAll('\\r\\n', '\\n'),
      [true, null, true, [49, 40, 19]],
    ],
    ['with events that nobody can read', text.split('\n\n').join(junk), [true, null, true, [49, 40, 19]]],
    ['with a call that max_tokens cut off', `${cutCall}${text}`, [true, null, true, [49, 40, 19]]],
    ['cut before its end', text.slice(0, text.indexOf('event: message_delta')), [false, null, true, [49, 40, 1]]],
    ['cut before its first word', text.slice(0, text.indexOf('event: content')), [false, null, false, [49, 40, 1]]],
    [
      'with an error in it',
      `${text.slice(0, text.indexOf('event: content'))}event: error\ndata: {"type":"error","error":{"message":"no"}}\n\n`,
      [false, 'no', false, [49, 40, 1]],
    ],
  ])('is read along in pieces of any size: %s', (_, given, seen) => {
    expect(python(read, given)).toEqual(Array(6).fill(seen));
  });
});

describe('the session', () => {
  const uuid = '0b1c2d3e-1234-4abc-8def-0123456789ab';
  it.each([
    [{ 'x-claude-code-session-id': uuid }, {}, uuid],
    [{}, { metadata: { user_id: `user_a_account__session_${uuid}` } }, uuid],
    [{}, { metadata: { user_id: `{"device_id":"x","account_uuid":"","session_id":"${uuid}"}` } }, uuid],
    [{ 'x-claude-code-session-id': 'words' }, { metadata: { user_id: `session_${uuid}` } }, uuid],
    [{}, { metadata: { user_id: uuid } }, null],
    [{}, { metadata: null }, null],
    [{}, {}, null],
  ])('of %j and %j is %s', (headers, body, session) => {
    expect(python('print(json.dumps(request_log.session_of(*given)))', [headers, body])).toBe(session);
  });
});

it('a line after one that was torn begins on a line of its own', () => {
  const directory = scratchDirectory('requests');
  const write = `
import log_file
log, write = log_file.log_file, log_file.os.write
log.append(given)
log_file.os.write = lambda file, text: write(file, text[:40])
log.append(given)
log_file.os.write = write
log.append(given)
print("null")`;
  const line = {
    ...{ v: 1, at: '2026-11-23T03:10:11.123Z', launcher: null, session: null, asked: 'x', answered: null, from: null },
    ...{
      cause: 'other',
      status: 500,
      streamed: false,
      tools: 0,
      firstMs: null,
      ms: 1,
      promptTokens: 0,
      cachedTokens: 0,
    },
    ...{ outputTokens: 0, cost: 0 },
  };
  python(write, line, { REQUEST_LOG_DIR: directory });
  const path = `${directory}/2026-11.jsonl`;
  const read = readRequestLog(readFileSync(path, 'utf8'));
  expect([read.requests.length, read.broken, statSync(path).mode & 0o777]).toEqual([2, 1, 0o600]);
});

it.each([
  ['as LiteLLM tells', [{ deployment_id: 'foundry:x' }], 'foundry:x'],
  ['where LiteLLM tells nothing', [], 'lm-studio:local'],
])('who was asked first: %s', (_, previous, first) => {
  const told = `
import asyncio
exchange = request_log.cloud_refusals.Exchange()
exchange.began_with = "lm-studio:local"
request_log.cloud_refusals.current.set(exchange)
log = request_log.RequestLog()
kwargs = {"litellm_metadata": {"previous_models": given}}
asyncio.run(log.log_success_fallback_event("local", kwargs, TimeoutError()))
print(json.dumps(exchange.failed_over))`;
  expect(python(told, previous)).toEqual([first, 'timeout']);
});
