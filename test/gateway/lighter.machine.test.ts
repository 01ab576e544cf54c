import { expect, it } from 'vitest';
import { ask } from './messages-client.ts';
import { setScene } from './scene.ts';

/** Tells each record that LiteLLM makes of an answer, after which steps, and who reads it. */
const watcher = (reads: boolean): string => `
import sys
import threading
import lighter
from litellm.integrations.custom_logger import CustomLogger
from litellm.litellm_core_utils.litellm_logging import Logging
from litellm.llms.anthropic.common_utils import AnthropicModelInfo
from litellm.llms.anthropic.pass_through.messages import handler
from litellm.proxy import common_request_processing as processing

def tell(*words):
    print("SEEN", *words, file=sys.stderr, flush=True)

made = Logging._async_success_handler_body

async def noted(self, *rest, **more):
    tell("record", self.call_type, "after", *lighter.taken)
    return await made(self, *rest, **more)

Logging._async_success_handler_body = noted

# Since 1.109 nobody searches.
prepared, searched = handler.anthropic_messages_handler, getattr(processing, "s3_media_uris", None)

def in_thread(*args, **kwargs):
    tell("done prepared by", threading.current_thread().name, "looked up before", AnthropicModelInfo._supports_model_capability.cache_info().hits > 0)
    return prepared(*args, **kwargs)

def search(*args):
    tell("done search for S3")
    return searched(*args)

handler.anthropic_messages_handler, processing.s3_media_uris = in_thread, search

class Watcher(CustomLogger):
    if ${reads ? 'True' : 'False'}:
        async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
            tell("read", kwargs["standard_logging_object"]["total_tokens"] > 0)

proxy_handler_instance = Watcher()
`;

const steps = 'records missing thread abilities media services writing copies usage dialling route way';

const hello = { max_tokens: 64, messages: [{ role: 'user', content: 'hello' }] };

async function seen(reads: boolean, count: number): Promise<string[]> {
  const scene = await setScene({
    modules: { 'watcher.py': watcher(reads) },
    change: ({ litellm_settings }) => (litellm_settings.callbacks as string[]).push('watcher.proxy_handler_instance'),
  });
  const told = () => [...scene.gateway.log().matchAll(/^SEEN (.*)$/gm)].map(([, words]) => words ?? '');
  try {
    for (const model of ['local', 'claude-sonnet-4-6'])
      for (const stream of [true, false])
        expect(await ask(scene.gateway, { ...hello, model, stream })).toMatchObject({ status: 200 });
    const { status } = await fetch(`${scene.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${scene.gateway.key}` },
      body: JSON.stringify({ ...hello, model: 'claude-sonnet-4-6' }),
    });
    expect(status).toBe(200);
    const records = () => told().filter((words) => !words.startsWith('done'));
    await expect.poll(() => records().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(count);
    expect(scene.gateway.log()).not.toContain('LiteLLM does as much as ever');
    const done = told().filter((words) => words.startsWith('done'));
    expect(done.filter((words) => !words.startsWith('done prepared by MainThread'))).toEqual([]);
    // A cloud's first request looks up what the next one finds.
    expect(done.at(-1)).toContain('looked up before True');
    return records().sort();
  } finally {
    await scene.close();
  }
}

it('no record is made of an answer of /v1/messages where nobody reads it, and of other routes as ever', async () => {
  expect(await seen(false, 1)).toEqual([`record acompletion after ${steps}`]);
});

it('whoever reads records gets one of each answer', async () => {
  const each = (words: string, times: number) => Array.from({ length: times }, () => words);
  expect(await seen(true, 10)).toEqual([
    ...each('read True', 5),
    `record acompletion after ${steps}`,
    ...each(`record anthropic_messages after ${steps}`, 4),
  ]);
});

/** A limit of a key that LiteLLM's own hooks know of: it goes on with the stand-in of the name, and the request as it was. */
const limit = `
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy.common_utils.proxy_rate_limit_error import ProxyRateLimitError

class Limit(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        if data.get("model") == "local":
            data["messages"][0]["content"] = "spoiled"
            raise ProxyRateLimitError("so many are enough")
        return data

proxy_handler_instance = Limit()
`;

it('a limit that is met sends the request on as it was sent', async () => {
  const scene = await setScene({
    modules: { 'limit.py': limit },
    change: ({ litellm_settings }) => (litellm_settings.callbacks as string[]).push('limit.proxy_handler_instance'),
  });
  try {
    const reply = await ask(scene.gateway, {
      ...hello,
      model: 'local',
      messages: [{ role: 'user', content: 'größe' }],
    });
    expect(reply).toMatchObject({ status: 200, text: expect.stringContaining('größe') });
    expect(reply.text).toContain('haiku');
  } finally {
    await scene.close();
  }
});
