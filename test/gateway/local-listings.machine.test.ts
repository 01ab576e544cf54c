import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalModel, modelsOpenAi, modelsV0, modelsV1 } from '../../src/components/lm-studio/lm-studio.ts';
import { llamaModels, ollamaModels } from '../../src/components/lm-studio/other-servers.ts';
import { slotsOf } from '../../src/components/lm-studio/server-limits.ts';
import { type Python, startPython } from './python-call.ts';

// The screens read a server's listing in TypeScript, the gateway in Python: both must take the same from it.
let python: Python;
beforeAll(() => {
  python = startPython('httpx');
});
afterAll(() => python.end());

type Reader = (body: string) => readonly LocalModel[] | undefined;
const ofLlama: Reader = (body) => llamaModels(body, [{ id: 'm', key: 'm' }]);
const ofOllama: Reader = (body) => ollamaModels(body, '{"models":[]}');
const ofVllm: Reader = (body) => modelsOpenAi(body)?.models;

const inV1 = (more: object, ...loaded: readonly object[]): object => ({
  models: [{ type: 'llm', key: 'org/m', loaded_instances: loaded, ...more }],
});
const inV0 = (type: string): object => ({ data: [{ id: 'm', type, state: 'loaded' }] });
const inTags = (...capabilities: readonly string[]): object => ({ models: [{ name: 'm:latest', capabilities }] });
const inProps = (more: object): object => ({ default_generation_settings: { n_ctx: 4096 }, ...more });
const inOpenAi = (owned_by: string): object => ({ object: 'list', data: [{ id: 'm', owned_by }] });

it.each<
  [name: string, from: string, read: Reader, listing: object, model: string, sees: boolean | null, slots?: number]
>([
  ['LM Studio: sees', 'lm_studio', modelsV1, inV1({ type: 'vlm' }, { id: 'm', config: { parallel: 4 } }), 'm', true, 4],
  [
    'LM Studio: can see',
    'lm_studio',
    modelsV1,
    inV1({ capabilities: { vision: true } }, { id: 'm', config: {} }),
    'm',
    true,
  ],
  ['LM Studio: by its key', 'lm_studio', modelsV1, inV1({}, { id: 'm', config: { parallel: 2 } }), 'org/m', false, 2],
  ['LM Studio: not loaded', 'lm_studio', modelsV1, inV1({}), 'org/m', false],
  ['LM Studio: no number', 'lm_studio', modelsV1, inV1({}, { id: 'm', config: { parallel: null } }), 'm', false],
  ['LM Studio before 0.4: sees', 'older_lm_studio', modelsV0, inV0('vlm'), 'm', true],
  ['LM Studio before 0.4: blind', 'older_lm_studio', modelsV0, inV0('llm'), 'm', false],
  ['llama.cpp', 'llama', ofLlama, inProps({ total_slots: 3, modalities: { vision: false } }), 'm', false, 3],
  ['llama.cpp: sees', 'llama', ofLlama, inProps({ modalities: { vision: true } }), 'm', true],
  ['llama.cpp: does not tell', 'llama', ofLlama, inProps({}), 'm', null],
  ['Ollama: sees', 'ollama', ofOllama, inTags('completion', 'vision'), 'm:latest', true],
  ['Ollama: by its short name', 'ollama', ofOllama, inTags('completion', 'vision'), 'm', true],
  ['Ollama: blind', 'ollama', ofOllama, inTags('completion', 'tools'), 'm:latest', false],
  ['vLLM: is tried', 'vllm', ofVllm, inOpenAi('vllm'), 'm', true],
  ['another server', 'vllm', ofVllm, inOpenAi('me'), 'm', null],
])('%s', async (_, from, read, listing, model, sees, slots) => {
  expect(await python.call('local_sight', `sees_in_${from}`, listing, model)).toBe(sees);
  const listed = read(JSON.stringify(listing)) ?? [];
  expect(slotsOf(listed, model)).toBe(slots);
  if (from === 'lm_studio' || from === 'llama')
    expect((await python.call('local_turns', `slots_in_${from}`, listing, model)) ?? undefined).toBe(slots);
});
