import { describe, expect, test } from 'vitest';
import { usualModels } from '../machine/stand-ins/lm-studio-models.ts';
import { begin, deadAddress, furtherAddress, lmStudioAddress, openScene, type Scene } from './scene.ts';
import { answerLocal, answerLocalOnly, askForMore, big, expectDecent, whole } from './usual-answers.ts';

type LocalRaw = { readonly moreAddresses?: unknown; readonly parallel?: unknown };

/** Up to the options, local only. */
async function upToOptions(scene: Scene): Promise<void> {
  await answerLocalOnly(scene);
  await askForMore(scene.terminal, 'Reading speed', 'Tools');
}

/** The same where everything was answered before. */
async function againUpToOptions({ terminal }: Scene): Promise<void> {
  for (const question of ['Address', 'Model', 'Cloud']) await terminal.enter(question);
  await askForMore(terminal, 'Reading speed', 'Tools');
}

describe('further servers', () => {
  test('are looked at as the first one was', async () => {
    const { scene, terminal, interviewed } = await begin({ further: {} });
    await upToOptions(scene);
    await terminal.toggle('Options', 'further servers');
    await terminal.refused('Further servers', '192.168.1.20', '192.168.1.20 is the first server already.');
    await terminal.refused('Further servers', '192.168.1.23, 300.1.1.1', '300.1.1.1: ');
    await terminal.answer('Further servers', '192.168.1.23');
    expect((await interviewed).raw['localModel']).toMatchObject({ moreAddresses: [furtherAddress] });
    expect(terminal.text).toMatch(
      /LM Studio at http:\/\/192\.168\.1\.23:1234 \(\d+ ms\), loaded, 65,536 tokens, tools\./,
    );
    expectDecent(scene, 80);
  });

  test.each([40, 80])(
    'that will not do are told with what to do, and typed again or used all the same, at %i columns',
    async (columns) => {
      const models = usualModels(32_768).slice(0, 1);
      const { scene, terminal, interviewed } = await begin({ columns, further: { models } });
      await upToOptions(scene);
      await terminal.toggle('Options', 'further servers');
      await terminal.answer('Further servers', `${deadAddress}, ${furtherAddress}`);
      await terminal.sees('192.168.1.21 is there, but nothing listens on its port 1234.');
      await terminal.sees("It is loaded with 32,768 tokens, the first server's with 65,536.");
      await terminal.pick('What now?', 'type them again');
      await terminal.answer('Further servers', deadAddress);
      await terminal.pick('What now?', 'look again');
      await terminal.pick('What now?', 'use them anyway');
      expect((await interviewed).raw['localModel']).toMatchObject({ moreAddresses: [deadAddress] });
      expectDecent(scene, columns);
    },
  );

  test('that lack the model are told how to get one of its id', async () => {
    const { scene, terminal, interviewed } = await begin({ further: { models: usualModels().slice(1, 2) } });
    await upToOptions(scene);
    await terminal.toggle('Options', 'further servers');
    await terminal.answer('Further servers', furtherAddress);
    await terminal.sees(`${furtherAddress} has no ${big}; it has openai/gpt-oss-20b.`);
    await terminal.sees(`lms load --identifier ${big}`);
    await terminal.pick('What now?', 'use them anyway');
    await interviewed;
  });

  test('are none where nothing is typed', async () => {
    const { scene, interviewed } = await begin();
    await upToOptions(scene);
    await scene.terminal.toggle('Options', 'further servers');
    await scene.terminal.enter('Further servers');
    expect((await interviewed).raw['localModel'] as LocalRaw).not.toHaveProperty('moreAddresses');
  });
});

describe("the queue's limit", () => {
  const silent = { local: { generation: 'v0' } } as const;

  test('is asked for where the server does not tell one', async () => {
    const { scene, terminal, interviewed } = await begin(silent);
    await answerLocal(scene);
    await terminal.pick('What now?', 'use it anyway');
    await terminal.pick('Cloud', 'none');
    await askForMore(terminal, 'Tools');
    await terminal.toggle('Options', 'queue');
    await terminal.refused('Requests at once', '0', 'Type a number from 1 to 64, or off.');
    await terminal.answer('Requests at once', '2');
    expect((await interviewed).raw['localModel'] as LocalRaw).toMatchObject({ parallel: 2 });
    expect(terminal.text).toContain('(Max Concurrent Predictions)');
    expectDecent(scene, 80);
  });

  test('is not where it does', async () => {
    const { scene, interviewed } = await begin();
    await upToOptions(scene);
    await scene.terminal.asks('Options');
    expect(scene.terminal.text).not.toContain('how many requests a local server gets');
    await scene.terminal.enter('Options');
    expect((await interviewed).raw['localModel'] as LocalRaw).not.toHaveProperty('parallel');
  });
});

describe('asked again', () => {
  const localModel = { address: lmStudioAddress, model: big, contextWindow: 65_536 };
  const earlier = () => whole({ localModel: { ...localModel, moreAddresses: [furtherAddress], parallel: 'off' } });

  test('both stay as they were, and are offered', async () => {
    const scene = await openScene({ further: {} });
    const interviewed = scene.interview(earlier());
    await againUpToOptions(scene);
    for (const question of ['Options', 'Further servers', 'Requests at once']) await scene.terminal.enter(question);
    expect((await interviewed).raw['localModel']).toMatchObject({ moreAddresses: [furtherAddress], parallel: 'off' });
  });

  test('both are gone when they are no longer wanted', async () => {
    const scene = await openScene();
    const interviewed = scene.interview(earlier());
    await againUpToOptions(scene);
    await scene.terminal.toggle('Options', 'further servers', 'queue');
    const { raw } = await interviewed;
    expect(whole(raw).localModel).not.toHaveProperty('moreAddresses');
    expect(whole(raw).localModel).not.toHaveProperty('parallel');
  });

  test('both are kept without a question', async () => {
    const scene = await openScene();
    const interviewed = scene.interview(earlier());
    for (const question of ['Address', 'Model', 'Cloud', 'More questions']) await scene.terminal.enter(question);
    expect(scene.terminal.text).toContain('further servers, queue');
    expect((await interviewed).raw['localModel']).toMatchObject({ moreAddresses: [furtherAddress], parallel: 'off' });
  });
});
