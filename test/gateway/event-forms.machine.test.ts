import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AnswersInput } from '../../src/config/schema.ts';
import type { Fault } from '../machine/stand-ins/fault.ts';
import { forgetLog, type Line, loggedLines } from './logged-lines.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { type GatewayConfig, type Scene, setScene } from './scene.ts';

const sonnet = 'claude-sonnet-4-6';
const answers: Partial<AnswersInput> = {
  cloud: { anthropic: { models: { sonnet } } },
  failover: { allowed: true, whenCloudFails: ['local'] },
};
/** Clouds that have not failed yet. */
const clouds = 80;

function prepare({ model_list, router_settings }: GatewayConfig): void {
  const first = model_list.find(({ model_name }) => model_name === sonnet);
  if (first === undefined) throw new Error(`${sonnet} is not listed`);
  for (let number = 0; number < clouds; number += 1) {
    const model_info = { ...first.model_info, id: `claude-api-${number}:${sonnet}` };
    model_list.push({ model_name: `claude-${number}`, litellm_params: { ...first.litellm_params }, model_info });
    (router_settings.fallbacks as object[]).push({ [`claude-${number}`]: ['local-only'] });
  }
}

let scene: Scene;
beforeAll(async () => {
  scene = await setScene({ answers, change: prepare });
  await ask(scene.gateway, claudeRequest(sonnet));
  await ask(scene.gateway, claudeRequest('local'));
  await forgetLog(scene.gateway);
});
afterAll(() => scene?.close());
afterEach(async () => {
  scene.reset();
  await forgetLog(scene.gateway);
});

let used = 0;
const fresh = (): string => `claude-${used++}`;
/** Who answers, under which name, and whose answer is another form. */
const places = [
  ['a cloud', fresh, () => scene.anthropic],
  ['the local model', () => 'local-only', () => scene.lmStudio],
] as const;

type StreamEvent = Readonly<Record<string, unknown>>;
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null };
const usage = { input_tokens: 7, cache_read_input_tokens: 40, cache_creation_input_tokens: 2, output_tokens: 1 };
const begun: readonly StreamEvent[] = [
  { type: 'message_start', message: { ...message, stop_sequence: null, usage } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
];
const word = (text: string): StreamEvent => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
});
const rest: readonly StreamEvent[] = [
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 19 } },
  { type: 'message_stop' },
];
const whole = [...begun, word('Bytes '), word('of a word: ä'), ...rest];
const error: StreamEvent = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };

const plain = (events: readonly StreamEvent[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
const nameless = (events: readonly StreamEvent[]): string => plain(events).replaceAll(/^event: .*\n/gm, '');

/** The ways in which a stream of events may be written. */
const forms: readonly (readonly [string, (events: readonly StreamEvent[]) => string])[] = [
  ['with lines that end in CR', (events) => plain(events).replaceAll('\n', '\r')],
  ['with lines that end in CR and LF', (events) => plain(events).replaceAll('\n', '\r\n')],
  ['with a byte order mark', (events) => `\uFEFF${plain(events)}`],
  ['with comments', (events) => `: hello\n\n${plain(events).replaceAll('data: ', ': so it goes\nid: 1\ndata: ')}`],
  ['without a blank', (events) => plain(events).replaceAll(/^(event|data): /gm, '$1:')],
  ['with the data first', (events) => plain(events).replaceAll(/^(event: .*)\n(data: .*)$/gm, '$2\n$1')],
  [
    'with data in several lines',
    (events) =>
      events
        .map((event) => JSON.stringify(event, undefined, 1))
        .map((data) => `event\n${data.replaceAll(/^/gm, 'data: ')}\n\n`)
        .join(''),
  ],
  ['with a type in the data alone', nameless],
  [
    'with a type in the data alone, not first',
    (events) => nameless(events.map(({ type, ...more }) => ({ ...more, type }))),
  ],
  ['without the last blank line', (events) => plain(events).slice(0, -1)],
];

const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const bytes = (text: string): string => Buffer.from(text).toString('latin1');
/** An answer that ends with its connection. */
const said = (body: string, headers = '', end?: 'reset' | 'never'): Fault => ({
  on: 'generation',
  does: 'raw',
  text: `${head}${headers}connection: close\r\n\r\n${body}`,
  ...(end === undefined ? {} : { end }),
});
/** An answer of which each piece is sent by itself. */
const chunked = (body: string, size: number): Fault => {
  const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, at) =>
    body.slice(at * size, (at + 1) * size),
  );
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('');
  return { on: 'generation', does: 'raw', text: `${head}transfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n` };
};

async function line(): Promise<Line | undefined> {
  await expect.poll(async () => (await loggedLines(scene.gateway)).length, { timeout: 10_000 }).toBe(1);
  return (await loggedLines(scene.gateway))[0];
}
const counted = { promptTokens: 49, cachedTokens: 40, writtenTokens: 2, outputTokens: 19, cause: null };

describe.each(places)('a stream of %s', (who, name, standIn) => {
  it.each(forms)('%s is read and counted as any other', async (_, form) => {
    for (const sent of [said(bytes(form(whole))), chunked(bytes(form(whole)), 1)]) {
      standIn().settings.faults.push({ ...sent, times: 1 });
      const reply = await ask(scene.gateway, claudeRequest(name(), 'hello', { stream: true }));
      expect(reply).toMatchObject({ status: 200, error: undefined, text: 'Bytes of a word: ä' });
      expect(reply.events.filter((type) => type !== 'ping')).toEqual(whole.map(({ type }) => type));
      expect(await line()).toMatchObject(who === 'a cloud' ? counted : { outputTokens: 19, cause: null });
      expect(Number((await line())?.cost) > 0).toBe(who === 'a cloud');
      await forgetLog(scene.gateway);
    }
  });

  it.each(forms)('%s that breaks off ends as an error', async (_, form) => {
    const half = bytes(form([...begun, word('Bytes ')]));
    standIn().settings.faults.push({ ...said(half), times: 1 });
    const reply = await ask(scene.gateway, claudeRequest(name(), 'hello', { stream: true }));
    expect(reply.text).toBe('Bytes ');
    expect(reply.events.at(-1)).toBe('error');
    expect(await line()).toMatchObject({ cause: 'broken-off' });
  });

  it.each([
    ['another message', plain(whole)],
    ['an error', plain([error])],
    ['a word', plain([word('more')])],
    ['rubbish', 'rubbish'],
  ])('is over with its last event: %s behind it changes nothing', async (_, more) => {
    const sent = bytes(plain(whole) + more);
    for (const fault of [
      said(sent),
      said(sent, `content-length: ${sent.length + 9}\r\n`, 'reset'),
      said(sent, '', 'never'),
    ]) {
      standIn().settings.faults.push({ ...fault, times: 1 });
      const reply = await ask(scene.gateway, claudeRequest(name(), 'hello', { stream: true }));
      expect(reply).toMatchObject({ status: 200, error: undefined, text: 'Bytes of a word: ä' });
      expect(reply.events.at(-1)).toBe('message_stop');
      expect(await line()).toMatchObject({ outputTokens: 19, cause: null });
      await forgetLog(scene.gateway);
    }
  });

  it('that came compressed is read as well', async () => {
    for (const events of [whole, [...begun, word('Bytes ')]]) {
      const body = gzipSync(plain(events)).toString('latin1');
      standIn().settings.faults.push({ ...said(body, 'content-encoding: gzip\r\n'), times: 1 });
      const reply = await ask(scene.gateway, claudeRequest(name(), 'hello', { stream: true }));
      expect(reply.text).toMatch(/^Bytes /);
      expect(reply.events.at(-1)).toBe(events === whole ? 'message_stop' : 'error');
    }
  });

  it('with an event of 6 MB, or of 1 MB in single bytes, takes no longer than its bytes', async () => {
    const long = (size: number) => bytes(plain([...begun, word('x'.repeat(size)), ...rest]));
    for (const [size, sent] of [
      [6_000_000, said(long(6_000_000))],
      [6_000_000, said(long(6_000_000).replaceAll('\n', '\r'))],
      [1_000_000, chunked(long(1_000_000), 1)],
    ] as const) {
      standIn().settings.faults.push({ ...sent, times: 1 });
      const reply = await ask(scene.gateway, claudeRequest(name(), 'hello', { stream: true }));
      expect(reply.text).toHaveLength(size);
      expect(reply.events.at(-1)).toBe('message_stop');
      expect(reply.ms).toBeLessThan(5000);
    }
  });
});

it('what fails before its first word is logged with the status that the client gets', async () => {
  for (const events of [[error], [...begun, error]]) {
    scene.lmStudio.settings.faults.push({ ...said(plain(events)), times: 1 });
    const reply = await ask(scene.gateway, claudeRequest('local-only', 'hello', { stream: true }));
    expect(reply.status).toBe(500);
    expect(await line()).toMatchObject({ status: 500, answered: null });
    await forgetLog(scene.gateway);
  }
});

describe('a cloud whose stream begins with an error', () => {
  it.each(forms)('%s is replaced', async (_, form) => {
    for (const sent of [said(bytes(form([...begun, error]))), chunked(bytes(form([error])), 1)]) {
      scene.anthropic.settings.faults.push({ ...sent, times: 1 });
      const reply = await ask(scene.gateway, claudeRequest(fresh(), 'hello', { stream: true }));
      expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('on LM Studio') });
    }
  });

  it('by its safeguards, which is an answer, is not', async () => {
    const details = { type: 'refusal', category: 'cyber', explanation: null };
    const refusal = { type: 'message_delta', delta: { stop_reason: 'refusal', stop_details: details }, usage };
    const events = [...begun, { type: 'content_block_stop', index: 0 }, refusal, { type: 'message_stop' }];
    scene.anthropic.settings.faults.push({ ...said(plain(events)), times: 1 });
    const reply = await ask(scene.gateway, claudeRequest(fresh(), 'hello', { stream: true }));
    expect(reply).toMatchObject({ status: 200, text: '', error: undefined });
    expect(reply.body).toContain('"stop_reason":"refusal"');
    const body = { ...message, stop_reason: 'refusal', stop_details: details, stop_sequence: null, usage };
    scene.anthropic.settings.faults.push({ on: 'generation', does: 'status', status: 200, body, times: 1 });
    const whole = await ask(scene.gateway, claudeRequest(fresh(), 'hello', { stream: false }));
    expect(JSON.parse(whole.body)).toMatchObject({ stop_reason: 'refusal' });
    expect(scene.lmStudio.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it.each(forms)('%s, after words, tells it', async (_, form) => {
    scene.anthropic.settings.faults.push({ ...said(bytes(form([...begun, word('Bytes '), error]))), times: 1 });
    const reply = await ask(scene.gateway, claudeRequest(fresh(), 'hello', { stream: true }));
    expect(reply).toMatchObject({ text: 'Bytes ', error: 'Overloaded' });
  });
});
