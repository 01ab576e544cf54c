import { afterAll, describe, expect, it } from 'vitest';
import { startPython } from './python-call.ts';

const python = startPython('httpx', 'litellm', 'litellm.exceptions');
afterAll(() => python.end());

describe('how long a cloud wants to be left alone', () => {
  it.each([
    [{ 'retry-after': '30' }, 30],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1.5],
    [{ 'retry-after-ms': '1500', 'retry-after': '2' }, 1.5],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '' }, null],
    [{ 'retry-after-ms': 'x' }, null],
    [{ 'retry-after-ms': 'inf' }, null],
    [{ 'retry-after-ms': 'nan', 'retry-after': '7' }, 7],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': '1e3' }, null],
    [{ 'retry-after': 'Wed, 21 Oct 99999999999999999999 07:28:00 GMT' }, null],
    [{ 'retry-after': '\u0661\u0662' }, null],
    [{ 'retry-after': 'Fri, 99 Dec 99999 23:59:59 GMT' }, null],
    [{}, null],
  ])('%o: %s', async (headers, seconds) => {
    expect(await python.call('cloud_faults', 'seconds_told', headers)).toBe(seconds);
  });

  it('may be told as a time', async () => {
    const at = new Date(Date.now() + 60_000).toUTCString();
    const seconds = Number(await python.call('cloud_faults', 'seconds_told', { 'retry-after': at }));
    expect(Math.abs(seconds - 60)).toBeLessThan(3);
  });

  const limit = (name: string, remaining: string, seconds: number) => ({
    [`anthropic-ratelimit-${name}-remaining`]: remaining,
    [`anthropic-ratelimit-${name}-reset`]: new Date(Date.now() + seconds * 1000).toISOString(),
  });
  it.each([
    ['of the limit that is used up', { ...limit('requests', '0', 40), ...limit('tokens', '7', 90) }, 40],
    ['of the later one of two', { ...limit('requests', '0', 40), ...limit('input-tokens', '0', 90) }, 90],
    ['not where the seconds are told', { ...limit('requests', '0', 40), 'retry-after': '20' }, 20],
    [
      'but no soon',
      { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': 'soon' },
      null,
    ],
    ['not where none is used up', limit('tokens', '7', 90), null],
    ['but no day 99', { ...limit('tokens', '0', 0), 'anthropic-ratelimit-tokens-reset': '2026-12-99T00:00:00Z' }, null],
  ])('may be told as the reset %s', async (_what, headers, seconds) => {
    const told = await python.call('cloud_faults', 'seconds_told', headers);
    if (seconds === null) expect(told).toBeNull();
    else expect(Math.abs(Number(told) - seconds)).toBeLessThan(3);
  });
});

const tool = { name: 'Read', input_schema: { type: 'object' } };
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'x'.repeat(400_000) } };
const user = (content: unknown) => ({ role: 'user', content });

describe('a turn for a local model that stands in', () => {
  it.each([
    ['fits', { messages: [user('hello')], max_tokens: 32_000 }, 65_536, { max_tokens: 32_000 }],
    [
      'may say as much as there is room',
      { messages: [user('hello')], max_tokens: 128_000 },
      8192,
      { max_tokens: 8187 },
    ],
    ['images count nothing', { messages: [user([image])], max_tokens: 100 }, 8192, { max_tokens: 100 }],
    ['a window that is not known', { messages: [user('hello')], tools: [tool] }, null, { tools: [tool] }],
  ])('%s', async (_, kwargs, window, changed) => {
    expect(await python.call('cloud_turns', 'for_local', kwargs, window)).toMatchObject(changed);
  });

  it.each([
    ['text', { messages: [user('x'.repeat(40_000))] }],
    [
      'a result',
      { messages: [user([{ type: 'tool_result', content: [{ type: 'text', text: 'x'.repeat(40_000) }] }])] },
    ],
    ['tools', { messages: [user('hello')], tools: [{ ...tool, description: 'x'.repeat(40_000) }] }],
    ['a system prompt', { messages: [user('hello')], system: 'x'.repeat(40_000) }],
  ])('is not sent where it clearly does not fit: %s', async (_, kwargs) => {
    await expect(python.call('cloud_turns', 'for_local', kwargs, 8192)).rejects.toThrow(
      /this conversation has about 10,\d{3} tokens, and the local model's window 8,192/,
    );
  });
});

it('an answer of fewer words leaves less room to think', async () => {
  const sent = JSON.stringify({ max_tokens: 128_000, thinking: { type: 'enabled', budget_tokens: 100_000 } });
  expect(JSON.parse(String(await python.call('cloud_turns', 'with_fewer_words', sent, 64_000)))).toEqual({
    max_tokens: 64_000,
    thinking: { type: 'enabled', budget_tokens: 32_000 },
  });
});
