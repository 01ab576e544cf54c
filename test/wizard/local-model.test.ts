import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/host/secret.ts';
import { begin, deadAddress, lmStudioAddress, openScene, wrongPortAddress } from './scene.ts';
import { answerLocal, answerLocalOnly, askForMore, big, expectDecent, small } from './usual-answers.ts';

describe('the local model', () => {
  test('a token is asked for when the server wants one, again when it is wrong, and never sent before', async () => {
    const { scene, terminal, keys, interviewed } = await begin({ token: true });
    await terminal.answer('Address', '192.168.1.20');
    await terminal.sees('wants an API token');
    await terminal.answer('API token', 'sk-lm-wrong-token-1234567890');
    await terminal.sees('does not accept this API token');
    await terminal.answer('API token', keys.token);
    await terminal.sees('with the token');
    await terminal.pick('Model', big);
    await terminal.pick('Cloud', 'none');
    await terminal.enter('More questions');
    const { secrets } = await interviewed;
    expect(secrets.localModelToken?.reveal()).toBe(keys.token);
    expect(scene.lmStudio.requests[0]?.credentials).toEqual([]);
    expectDecent(scene, 80);
  });

  test('a known token is used without asking', async () => {
    const scene = await openScene({ token: true });
    const interviewed = scene.interview(undefined, { localModelToken: new Secret(scene.keys.token) });
    await answerLocalOnly(scene);
    await scene.terminal.enter('More questions');
    await interviewed;
    expect(scene.terminal.text).not.toContain('wants an API token');
  });

  test('a window that is too small is not gone on with; LM Studio is to load the model again', async () => {
    const { scene, terminal, interviewed } = await begin();
    await terminal.answer('Address', '192.168.1.20');
    await terminal.pick('Model', small);
    await terminal.sees('LM Studio refuses it with "n_keep >= n_ctx"');
    await terminal.asks('What now?');
    expect(terminal.text).not.toContain('continue with 16,384');
    await terminal.pick('What now?', 'load it with 65,536 tokens');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('More questions');
    expect((await interviewed).raw).toMatchObject({ localModel: { model: small, contextWindow: 65_536, load: true } });
    expect(scene.lmStudio.requests.filter(({ path }) => path.includes('load'))).toEqual([]);
  });

  test('a tight window may be gone on with, and what it costs is said', async () => {
    const { scene, terminal, interviewed } = await begin({ local: { contextLength: 40_960 } });
    await answerLocal(scene);
    await terminal.sees('it summarises the conversation in every turn');
    await terminal.pick('What now?', 'continue with 40,960 tokens');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('More questions');
    expect((await interviewed).raw).toMatchObject({ localModel: { contextWindow: 40_960, load: false } });
  });

  test('a model that is not loaded is to be loaded, by us or by the person', async () => {
    const { scene, terminal, interviewed } = await begin();
    await terminal.answer('Address', '192.168.1.20');
    await terminal.pick('Model', 'google/gemma-3-12b');
    await terminal.pick('It is not loaded.', 'look at the models again');
    await terminal.pick('Model', 'google/gemma-3-12b');
    await terminal.sees('Not tried: that would load it.');
    await terminal.pick('It is not loaded.', 'load it with 65,536 tokens');
    await terminal.pick('Cloud', 'none');
    await askForMore(terminal);
    await terminal.sees('about 4,700 tokens to read first');
    await terminal.pick('Tools', 'all tools');
    await terminal.enter('Options');
    const { raw } = await interviewed;
    expect(raw).toMatchObject({ launchers: { leanLocal: false } });
    expect(raw['localModel']).toEqual({
      address: lmStudioAddress,
      model: 'google/gemma-3-12b',
      contextWindow: 65_536,
      load: true,
    });
    expect(scene.lmStudio.requests.filter(({ path }) => path === '/v1/messages')).toEqual([]);
    expect(terminal.text).not.toContain('text-embedding');
  });

  test('a model that does not answer is used only when the person says so', async () => {
    const scene = await openScene({
      local: { faults: [{ on: 'generation', does: 'status', status: 500, body: { error: 'the engine is gone' } }] },
    });
    const { terminal } = scene;
    const interviewed = scene.interview();
    await answerLocal(scene);
    await terminal.sees('the engine is gone');
    await terminal.pick('What now?', 'try it again');
    await terminal.pick('What now?', 'look at the models again');
    await terminal.pick('Model', big);
    await terminal.pick('What now?', 'use it anyway');
    await terminal.pick('Cloud', 'none');
    await askForMore(terminal, 'Tools', 'Options');
    expect((await interviewed).raw).toMatchObject({ localModel: { model: big } });
    expect(terminal.text).not.toContain('Reading speed');
  });

  test('a template that refuses late system messages is told, with the remedy', async () => {
    const { scene, interviewed } = await begin({ local: { strictTemplate: true } });
    await answerLocal(scene);
    await scene.terminal.sees('late system message ✗');
    await scene.terminal.sees('the gateway merges them for it');
    await scene.terminal.pick('Cloud', 'none');
    await scene.terminal.enter('More questions');
    await interviewed;
  });

  test('a wrong port is told together with the one that answers, which is a key away', async () => {
    const { scene, terminal, interviewed } = await begin();
    await terminal.answer('Address', wrongPortAddress);
    await terminal.sees('LM Studio answers on port 1234 of the same machine.');
    await terminal.pick('What now?', 'use port 1234');
    await terminal.pick('Model', big);
    await terminal.pick('Cloud', 'none');
    await terminal.enter('More questions');
    expect((await interviewed).raw).toMatchObject({ localModel: { address: lmStudioAddress, model: big } });
    expectDecent(scene, 80);
  });

  test('a server that is off at the moment can be used all the same', async () => {
    const { terminal, interviewed } = await begin();
    await terminal.answer('Address', deadAddress);
    await terminal.pick('What now?', 'use it anyway');
    await terminal.refused('Model', 'm'.repeat(301), 'is longer than 300 characters');
    await terminal.answer('Model', big);
    await terminal.sees('the proof at the end stops until the server answers');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('More questions');
    expect((await interviewed).raw).toMatchObject({ localModel: { address: deadAddress, model: big, load: false } });
  });

  test('a server that does not tell its window is asked about, and the number is judged', async () => {
    const { scene, terminal, interviewed } = await begin({ local: { generation: 'openai' } });
    await answerLocal(scene);
    await terminal.pick('What now?', 'use it anyway');
    await terminal.refused('Tokens of context', 'many', 'Type a number such as 65536');
    await terminal.answer('Tokens of context', '131,072');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('More questions');
    expect((await interviewed).raw).toMatchObject({ localModel: { model: big, contextWindow: 131_072 } });
  });
});
