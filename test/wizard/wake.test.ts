import { expect, test } from 'vitest';
import { begin, lmStudioAddress, openScene, type Scene } from './scene.ts';
import { answerLocalOnly, askForMore, big, expectDecent, whole } from './usual-answers.ts';

const mac = '3c:7c:3f:12:ab:90';

/** From the last question on, with what is picked about a machine that sleeps. */
async function answerMore({ terminal }: Scene, pick?: string): Promise<void> {
  await askForMore(terminal, 'Reading speed', 'Tools');
  if (pick === undefined) await terminal.enter('When it does not answer');
  else await terminal.pick('When it does not answer', pick);
  await terminal.enter('Options');
}

test.each([
  ['is woken when that is wanted', `wake ${mac}`, { mac }],
  ['is left asleep unless that is wanted', undefined, undefined],
])('a machine whose network card is seen %s', async (_, pick, wake) => {
  const { scene, interviewed } = await begin({ mac });
  await answerLocalOnly(scene);
  await answerMore(scene, pick);
  expect(((await interviewed).raw['localModel'] as { wake?: unknown }).wake).toEqual(wake);
  expectDecent(scene, 80);
});

const localModel = { address: lmStudioAddress, model: big, contextWindow: 65_536, wake: { mac, patience: 200 } };

test('what was chosen is kept, asked again or not', async () => {
  for (const more of [true, false]) {
    const scene = await openScene();
    const interviewed = scene.interview(whole({ localModel }));
    for (const question of ['Address', 'Model', 'Cloud']) await scene.terminal.enter(question);
    if (more) await answerMore(scene);
    else await scene.terminal.enter('More questions');
    expect((await interviewed).raw['localModel']).toMatchObject({ wake: localModel.wake });
  }
});
