import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { litellmEnvironment } from './litellm-program.ts';
import { loggedLines } from './logged-lines.ts';
import { ask, claudeRequest } from './messages-client.ts';
import { startPython } from './python-call.ts';
import { pythonPath } from './python-path.ts';
import { type Scene, setScene } from './scene.ts';

const models = `
from pydantic import BaseModel, TypeAdapter, ValidationError

class One(BaseModel):
    x: "int"

print(One.__pydantic_complete__, One(x="1").x, One.__pydantic_complete__)
adapter = TypeAdapter(list[One])
print(adapter.pydantic_complete, adapter.dump_python(adapter.validate_python([{"x": 2}])), adapter.pydantic_complete)
try:
    One(x="word")
except ValidationError as error:
    print(str(error).splitlines()[0])
`;

const python = startPython();
afterAll(() => python.end());

it('the collector of garbage is put aside from the first import on, and back once everything is there', async () => {
  expect(await python.call('gc', 'isenabled')).toBe(false);
  expect(await python.call('gc', 'get_freeze_count')).toBe(0);
  await python.call('sitecustomize', 'start_up_is_over');
  expect(await python.call('gc', 'isenabled')).toBe(true);
  expect(await python.call('gc', 'get_freeze_count')).toBeGreaterThan(0);
});

it("pydantic's models and adapters are built when they are used, and a health check does not even read pydantic", async () => {
  const started = `${await litellmEnvironment()}/bin/python`;
  const env = { PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: '1' };
  const run = (args: readonly string[], input = '') =>
    execFileSync(started, args, { env, input, encoding: 'utf8' }).trim();
  expect(run(['-c', 'import sys; print("pydantic" in sys.modules)'])).toBe('False');
  expect(run(['-'], models).split('\n')).toEqual([
    'False 1 True',
    "False [{'x': 2}] True",
    '1 validation error for One',
  ]);
});

/** Tells how many objects the collector of garbage looks at when somebody asks. */
const counter = `
import gc
import sys
from litellm.integrations.custom_logger import CustomLogger

class Counter(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        print("COUNTED", data["model"], len(gc.get_objects()), file=sys.stderr, flush=True)
        return data

proxy_handler_instance = Counter()
`;

it('what is there when it is ready is never looked at again by the collector of garbage', async () => {
  const scene = await setScene({
    modules: { 'counter.py': counter },
    change: ({ litellm_settings }) => (litellm_settings.callbacks as string[]).push('counter.proxy_handler_instance'),
  });
  try {
    const ready = async () => (await fetch(`${scene.gateway.url}/health/readiness`)).status;
    await expect.poll(ready, { timeout: 60_000 }).toBe(200);
    expect(await ask(scene.gateway, claudeRequest('local'))).toMatchObject({ status: 200 });
    // The last one: the gateway's own come before it.
    const counted = [...scene.gateway.log().matchAll(/^COUNTED local (\d+)$/gm)].at(-1)?.[1];
    expect(Number(counted)).toBeGreaterThan(0);
    expect(Number(counted)).toBeLessThan(60_000);
  } finally {
    await scene.close();
  }
});

it('the first requests are its own: what LiteLLM imports for them is there before anybody asks, and nobody hears of them', async () => {
  const scene = await setScene({ environment: { PYTHONPROFILEIMPORTTIME: '1' } });
  try {
    // Also what is looked for by each request and is not there.
    const imported = async (model: string, stream: boolean): Promise<readonly string[]> => {
      const before = scene.gateway.log().length;
      expect(await ask(scene.gateway, claudeRequest(model, 'hello', { stream }))).toMatchObject({ status: 200 });
      return [
        ...scene.gateway
          .log()
          .slice(before)
          .matchAll(/\|\s+(litellm\.\S+)$/gm),
      ].map(([, name = '']) => name);
    };
    const ready = async () => (await fetch(`${scene.gateway.url}/health/readiness`)).status;
    await expect.poll(ready, { timeout: 60_000 }).toBe(200);
    expect(await heardOf(scene)).toEqual([]);
    for (const model of ['local', 'claude-sonnet', 'claude-fable-5-2'])
      for (const stream of [true, false]) {
        const [first, second] = [await imported(model, stream), await imported(model, stream)];
        expect(
          first.filter((name) => !second.includes(name)),
          `${model}, ${stream}`,
        ).toEqual([]);
      }
    expect(scene.gateway.log()).not.toContain('ERROR');
  } finally {
    await scene.close();
  }
});

/** What anybody outside a gateway has heard of it. */
async function heardOf({ gateway, lmStudio, anthropic, foundry, names }: Scene): Promise<readonly unknown[]> {
  const asked = [lmStudio, anthropic, foundry].flatMap(({ requests }) => requests);
  return [...(await readdir(gateway.requestLogDir)), ...asked, ...names];
}

/** Tells what came of each of the gateway's own requests. */
const teller = `
import sys
import warm_up
from litellm.integrations.custom_logger import CustomLogger

ask = warm_up.asked

def tell(address, body=None, **how):
    status = ask(address, body, **how)
    if body is not None and address.endswith("/messages"):
        print("OWN", body["model"], body["stream"], status, file=sys.stderr, flush=True)
    return status

warm_up.asked = tell
proxy_handler_instance = CustomLogger()
`;

it.each([
  ['a ceiling that is reached', { SPENDING_PER_DAY: '0' }],
  ['a ceiling that leads home', { SPENDING_PER_DAY: '0', SPENDING_AT_CEILING: 'local' }],
  ['a ceiling, and slots that it counts', { SPENDING_PER_DAY: '5', LOCAL_PARALLEL: '1' }],
  ['slots that it asks for', { LOCAL_PARALLEL: '' }],
])('with %s nobody hears of its first requests either, and they are made', async (_what, environment) => {
  const scene = await setScene({
    environment,
    modules: { 'teller.py': teller },
    change: ({ litellm_settings }) => (litellm_settings.callbacks as string[]).push('teller.proxy_handler_instance'),
  });
  try {
    expect(await heardOf(scene)).toEqual([]);
    const made = [...scene.gateway.log().matchAll(/^OWN (.*)$/gm)].map(([, told = '']) => told);
    const [unknown, ...models] = made;
    expect(unknown).toMatch(/^warm-up True 4\d\d$/);
    expect(models).toEqual(
      expect.arrayContaining(['local True 200', 'claude-sonnet-4-6 True 200', 'foundry/claude-haiku-4-5 True 200']),
    );
    expect(models.filter((told) => !told.endsWith(' 200'))).toEqual([]);
    expect(models.filter((told) => told.includes('False'))).toHaveLength(3);
    expect(scene.gateway.log()).not.toContain('ERROR');
  } finally {
    await scene.close();
  }
});

it("whoever calls a request the gateway's own is asked for, and logged, as anybody", async () => {
  const scene = await setScene();
  try {
    for (const said of ['warm-up', 'warm-up; ', `warm-up; ${'0'.repeat(32)}`])
      expect(await ask(scene.gateway, claudeRequest('local'), undefined, { 'x-claude-routing': said })).toMatchObject({
        status: 200,
        text: expect.stringContaining('LM Studio'),
      });
    await expect.poll(async () => (await loggedLines(scene.gateway)).length).toBe(3);
  } finally {
    await scene.close();
  }
});
