import { describe, expect, it } from 'vitest';
import { modelsOpenAi, modelsV0, modelsV1 } from '../../../src/components/lm-studio/lm-studio.ts';

const v1 = (...models: object[]): string => JSON.stringify({ models });
const instance = (id: string, context_length: unknown) => ({ id, config: { context_length, parallel: 4 } });
const qwen = {
  type: 'llm',
  key: 'qwen/qwen3.6-35b-a3b',
  display_name: 'Qwen3.6 35B A3B',
  loaded_instances: [],
  max_context_length: 262_144,
  capabilities: { vision: false, trained_for_tool_use: true },
  something_new: { of: 'tomorrow' },
};

describe('the listing of LM Studio 0.4', () => {
  it('names a loaded instance by its own id and says with how many tokens it is loaded', () => {
    const body = v1({ ...qwen, loaded_instances: [instance('my-qwen', 65_536)] });
    expect(modelsV1(body)).toEqual([
      {
        id: 'my-qwen',
        key: 'qwen/qwen3.6-35b-a3b',
        loaded: true,
        slots: 4,
        contextWindow: 65_536,
        maxContextWindow: 262_144,
        toolUse: true,
      },
    ]);
  });

  it('lists two instances of one model as two, the wider window first', () => {
    const body = v1({ ...qwen, loaded_instances: [instance('q', 8192), instance('q:2', 65_536)] });
    expect(modelsV1(body)?.map(({ id, contextWindow }) => [id, contextWindow])).toEqual([
      ['q:2', 65_536],
      ['q', 8192],
    ]);
  });

  it('puts what can be used at once first: loaded, then trained for tools, then the width', () => {
    const noTools = { ...qwen, key: 'a', capabilities: { vision: true, trained_for_tool_use: false } };
    const body = v1(noTools, { ...qwen, key: 'b' }, { ...noTools, key: 'c', loaded_instances: [instance('c', 4096)] });
    expect(modelsV1(body)?.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });

  it('keeps the others where one is named oddly, and puts that one last', () => {
    const body = v1({ ...qwen, key: '' }, { ...qwen, key: 5 }, { ...qwen, key: 'a\nb' }, qwen);
    expect(modelsV1(body)?.map(({ id }) => id)).toEqual([qwen.key, 'a\nb']);
    const instances = [{ id: 7 }, instance('my-qwen', 65_536)];
    expect(modelsV1(v1({ ...qwen, loaded_instances: instances }))?.map(({ id }) => id)).toEqual(['my-qwen']);
  });

  it.each([
    [{ ...qwen, type: 'embedding' }],
    [{ ...qwen, key: 'text-embedding-nomic-embed-text-v1.5' }],
    [{ ...qwen, key: 'BAAI/bge-reranker-v2' }],
  ])('leaves models out that cannot hold a conversation', (model) => {
    expect(modelsV1(v1(model))).toEqual([]);
  });

  it('does without the fields that it can do without', () => {
    expect(modelsV1(v1({ type: 'llm', key: 'k', loaded_instances: [{ id: 'k', config: null }] }))).toEqual([
      { id: 'k', key: 'k', loaded: true },
    ]);
  });

  it.each([
    '{"error":"Unexpected endpoint or method. (GET /api/v1/models)"}',
    '{"object":"list","data":[]}',
    '{"models":[{"name":"llama3:8b"}]}',
    '{"models":[{"type":"llm","key":"',
    '<html></html>',
    '',
    'null',
  ])('takes %j for nothing of the kind', (body) => {
    expect(modelsV1(body)).toBeUndefined();
  });
});

describe('the older listing', () => {
  const row = { id: 'q', object: 'model', type: 'llm', state: 'loaded', max_context_length: 32_768 };

  it('tells the loaded window only while the model is loaded', () => {
    const body = JSON.stringify({
      object: 'list',
      data: [
        { ...row, loaded_context_length: 16_384, capabilities: ['tool_use'] },
        { ...row, id: 'r', type: 'vlm', state: 'not-loaded', loaded_context_length: 16_384 },
        { ...row, id: 'e', type: 'embeddings' },
      ],
    });
    expect(modelsV0(body)).toEqual([
      { id: 'q', key: 'q', loaded: true, contextWindow: 16_384, maxContextWindow: 32_768, toolUse: true },
      { id: 'r', key: 'r', loaded: false, maxContextWindow: 32_768 },
    ]);
  });

  it('is not mistaken for the listing of ids', () => {
    expect(modelsV0('{"object":"list","data":[{"id":"q","object":"model"}]}')).toBeUndefined();
  });
});

describe('the listing of ids', () => {
  it('says nothing about loading, because LM Studio lists here what is downloaded', () => {
    const body = '{"object":"list","data":[{"id":"q","owned_by":"organization_owner"},{"id":"text-embedding-x"}]}';
    expect(modelsOpenAi(body)).toEqual({ models: [{ id: 'q', key: 'q' }], owners: ['organization_owner'] });
  });

  it("takes vLLM's max_model_len as the loaded window, and llama.cpp's n_ctx_train not as one", () => {
    const body = JSON.stringify({
      object: 'list',
      data: [
        { id: 'v', owned_by: 'vllm', max_model_len: 40_960 },
        { id: 'l', owned_by: 'llamacpp', meta: { n_ctx_train: 131_072 } },
      ],
    });
    expect(modelsOpenAi(body)?.models).toEqual([
      { id: 'v', key: 'v', loaded: true, contextWindow: 40_960 },
      { id: 'l', key: 'l', maxContextWindow: 131_072 },
    ]);
  });
});
