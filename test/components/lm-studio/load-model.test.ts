import { describe, expect, it } from 'vitest';
import { loadModel, loadRequest, unloadRequest } from '../../../src/components/lm-studio/load-model.ts';
import { Secret } from '../../../src/host/secret.ts';
import { lmStudio } from '../../machine/stand-ins/lm-studio.ts';
import { recordingProbe, serve } from '../../services/loopback.ts';
import { problemIn, valueIn } from '../../value-in.ts';

const key = 'qwen/qwen3.6-35b-a3b';

describe('loading a model on the other machine', () => {
  it('takes the old instance out first, so that there is one afterwards, with the wished-for window', async () => {
    const standIn = lmStudio({ contextLength: 8192 });
    const { http } = recordingProbe();
    const loaded = await loadModel(http, await serve(standIn), { key, contextWindow: 65_536, unload: [key] });
    expect(valueIn(loaded)).toEqual({ instanceId: key, contextWindow: 65_536, seconds: 0 });
    const instances = standIn.settings.models[0]?.loaded_instances;
    expect(instances?.map(({ id, config }) => [id, config.context_length])).toEqual([[key, 65_536]]);
  });

  it('loads nothing when the old instance does not go', async () => {
    const standIn = lmStudio();
    const loaded = await loadModel(recordingProbe().http, await serve(standIn), {
      key,
      contextWindow: 65_536,
      unload: ['gone'],
    });
    expect(problemIn(loaded)).toMatchObject({ code: 'local-model-missing' });
    expect(standIn.requests.map(({ path }) => path)).toEqual(['/api/v1/models/unload']);
  });

  it.each([
    [{ loadFailure: 'insufficient system resources' }, 'local-memory-short'],
    [{ loadFailure: 'the file is damaged' }, 'local-server-fault'],
    [{ generation: 'v0' as const }, 'local-server-too-old'],
    [{ tokens: ['sk-lm-x'] }, 'local-token-missing'],
  ])('%j is told as %s', async (settings, code) => {
    const address = await serve(lmStudio(settings));
    const wish = { key: 'google/gemma-3-12b', contextWindow: 65_536, unload: [] };
    expect(problemIn(await loadModel(recordingProbe().http, address, wish))).toMatchObject({ code });
  });

  it('a token that may not load is told from a wrong one', async () => {
    const address = await serve(lmStudio({ tokens: ['sk-lm-x'], tokensMayLoad: false }));
    const wish = { key, contextWindow: 65_536, unload: [] };
    const loaded = await loadModel(recordingProbe().http, address, wish, new Secret('sk-lm-x'));
    expect(problemIn(loaded)).toMatchObject({
      code: 'local-token-too-weak',
      problem: expect.stringContaining('may not load a model'),
    });
  });

  it('the requests are data and keep the token a secret', () => {
    const token = new Secret('sk-lm-x');
    expect(
      JSON.stringify([loadRequest('http://b:1', key, 65_536, token), unloadRequest('http://b:1', key, token)]),
    ).not.toContain('sk-lm-x');
    expect(loadRequest('http://b:1', key, 65_536)).toMatchObject({
      method: 'POST',
      url: 'http://b:1/api/v1/models/load',
      json: { model: key, context_length: 65_536, echo_load_config: true },
    });
  });
});
