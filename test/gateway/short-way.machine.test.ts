import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, claudeRequest } from './messages-client.ts';
import { type Scene, setScene } from './scene.ts';

/** Tells the key and the request as LiteLLM hands them to hooks, without what differs between any two, and which way it came. */
const recorder = `
import json
import sys
from litellm.integrations.custom_logger import CustomLogger
import lighter
import own_key
from cloud_refusals import current

VOLATILE = {"litellm_call_id", "arrival_time", "queue_time_seconds", "litellm_received_at", "last_refreshed_at", "origin"}
came = []
found = lighter.way_for
forgotten = []

def find(scope):
    # The gateway's own first requests have shown LiteLLM the key.
    if not current.get().is_own and not forgotten:
        forgotten[:] = own_key.made
        own_key.made.clear()
    way = found(scope)
    came[:] = ["long" if way is None else "short"]
    return way

lighter.way_for = find
checked = own_key.checked

def check(*all):
    key = checked(*all)
    came.append("checked by LiteLLM" if key is None else "known")
    return key

own_key.checked = check

def plain(value):
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in sorted(value.items(), key=str) if name not in VOLATILE}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "model_dump"):
        return plain({name: getattr(value, name) for name in type(value).model_fields})
    return value if isinstance(value, (str, int, float, bool, type(None))) else type(value).__name__

class Recorder(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        told = {"way": list(came), "key": plain(user_api_key_dict), "data": plain(data)}
        if not current.get().is_own:
            print("HANDED", json.dumps(told), file=sys.stderr, flush=True)
        return data

proxy_handler_instance = Recorder()
`;

interface Handed {
  readonly way: readonly string[];
  readonly key: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
}

let scene: Scene;
beforeAll(async () => {
  scene = await setScene({
    modules: { 'recorder.py': recorder },
    change: ({ litellm_settings }) => (litellm_settings.callbacks as string[]).push('recorder.proxy_handler_instance'),
  });
  // The first one shows LiteLLM the key.
  await ask(scene.gateway, claudeRequest('claude-sonnet-4-6'));
});
afterAll(() => scene?.close());

/** What a browser says of itself takes the long way. */
const long = { origin: 'http://example.com' };

const handed = (): readonly Handed[] =>
  [...scene.gateway.log().matchAll(/^HANDED (.*)$/gm)].map(([, told = '']) => JSON.parse(told) as Handed);

/** In words that every cloud takes. */
const plainTurn = { messages: [{ role: 'user', content: 'größe 😀 \u2028' }] };

async function asked(body: Record<string, unknown>, headers: Readonly<Record<string, string>>, key?: string | null) {
  const before = handed().length;
  const reply = await ask(scene.gateway, body, key, headers);
  const own = Object.entries(reply.headers).filter(([name]) => !/^(access-control-|vary$)/.test(name));
  const told = own.map(([name, value]) => [
    name,
    /date|call-id|request-id|duration|overhead|timing/.test(name) ? '' : value,
  ]);
  const said = reply.body.replaceAll(/(msg|req)_\w+/g, '');
  return { status: reply.status, body: said, headers: Object.fromEntries(told), handed: handed()[before] };
}

function withoutWay({ handed, ...rest }: Awaited<ReturnType<typeof asked>>) {
  return { ...rest, handed: { ...handed, way: undefined } };
}

describe('the short way', () => {
  it('is laid', () => expect(scene.gateway.log()).not.toContain('as ever (way'));

  it('hands LiteLLM the key that it made itself', async () => {
    const first = handed().find(({ way }) => way.includes('short'));
    const now = await asked(claudeRequest('claude-sonnet-4-6'), {});
    expect(first?.way).toEqual(['short', 'checked by LiteLLM']);
    expect(now.handed).toEqual({ ...first, way: ['short', 'known'] });
  });

  it.each([
    ['local', {}],
    ['local-only', { stream: true }],
    ['claude-sonnet-4-6', plainTurn],
    ['claude-sonnet-4-6', { ...plainTurn, stream: true }],
    ['foundry/claude-haiku-4-5', { ...plainTurn, stream: true }],
    ['claude-opus', { metadata: { user_id: JSON.stringify({ device_id: 'x', session_id: 'y' }) }, temperature: 1e-7 }],
    ['claude-haiku-4-5', { ...plainTurn, metadata: undefined, tools: [] }],
  ])('to %s with %j ends as the long one does, in all that hooks and clients see', async (model, more) => {
    const short = await asked(claudeRequest(model, 'hello', more), {});
    const whole = await asked(claudeRequest(model, 'hello', more), long);
    expect(short.handed?.way).toEqual(['short', 'known']);
    expect(whole.handed?.way).toEqual(['long']);
    expect(withoutWay(short)).toEqual(withoutWay(whole));
    expect(short.status).toBe(200);
  });

  it.each([
    ['a model that there is not', claudeRequest('nobody'), {}, undefined],
    ['another key', claudeRequest('claude-sonnet-4-6'), {}, 'sk-another'],
    ['no key', claudeRequest('claude-sonnet-4-6'), {}, null],
    ['another key in front', claudeRequest('claude-sonnet-4-6'), { 'x-litellm-api-key': 'sk-another' }, undefined],
    ['no messages', { model: 'claude-sonnet-4-6', max_tokens: 1 }, {}, undefined],
    ['a model that is no name', { ...claudeRequest('x'), model: 7 }, {}, undefined],
    [
      'guardrails in the metadata',
      claudeRequest('claude-opus', '', { metadata: { guardrails: ['x'] } }),
      {},
      undefined,
    ],
    ['a variable for a name', claudeRequest('os.environ/HOME'), {}, undefined],
  ])('refuses %s in the words of the long one', async (_what, body, headers, key) => {
    const short = await asked(body, headers, key);
    const whole = await asked(body, { ...headers, ...long }, key);
    expect(withoutWay(short)).toEqual(withoutWay(whole));
  });

  it('knows nobody by half a key, another case, or a key behind another word', async () => {
    const { key } = scene.gateway;
    for (const authorization of [key, `bearer ${key}`, `Basic ${key}`, `Bearer ${key.slice(0, -1)}`]) {
      const before = handed().length;
      await asked(claudeRequest('claude-sonnet-4-6'), { authorization }, null);
      for (const { way } of handed().slice(before)) expect(way).not.toContain('known');
    }
  });
});
