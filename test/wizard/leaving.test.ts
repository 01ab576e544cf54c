import { expect, test } from 'vitest';
import { deadAddress, openScene, type Scene } from './scene.ts';
import { big } from './usual-answers.ts';

type Step = readonly [question: string, answer: (scene: Scene) => Promise<void>];

/** Every kind of question on one way through, each with its answer. */
const way: readonly Step[] = [
  ['Address', async ({ terminal }) => await terminal.answer('Address', deadAddress)],
  ['What now?', async ({ terminal }) => await terminal.pick('What now?', 'type the address again')],
  ['Address', async ({ terminal }) => await terminal.answer('Address', '192.168.1.20')],
  ['API token', async ({ terminal, keys }) => await terminal.answer('API token', keys.token)],
  ['Model', async ({ terminal }) => await terminal.pick('Model', big)],
  ['Cloud', async ({ terminal }) => await terminal.pick('Cloud', 'both')],
  ['Key', async ({ terminal, keys }) => await terminal.answer('Key', keys.anthropic)],
  ['Resource', async ({ terminal }) => await terminal.answer('Resource', 'myfoundry')],
  ['Deployments', async ({ terminal }) => await terminal.answer('Deployments', 'prod-chat')],
  ['Foundry key', async ({ terminal, keys }) => await terminal.answer('Foundry key', keys.foundry)],
  ['Model behind prod-chat', async ({ terminal }) => await terminal.answer('Model behind', 'claude-opus-4-8')],
  ['Profile', async ({ terminal }) => await terminal.enter('Profile')],
  ['Failover', async ({ terminal }) => await terminal.enter('Failover')],
  ['More questions', async ({ terminal }) => await terminal.pick('More questions', 'yes')],
  ['Reading speed', async ({ terminal }) => await terminal.enter('Reading speed')],
  ['Tools', async ({ terminal }) => await terminal.enter('Tools')],
  ['Main model', async ({ terminal }) => await terminal.enter('Main model')],
  ['Options', async ({ terminal }) => await terminal.enter('Options')],
];
const places = way.map(([question], place) => [place + 1, question] as const);

/** Answers what comes before a place, and waits for the question there. */
async function openAt(place: number): Promise<{ readonly scene: Scene; readonly left: Promise<void> }> {
  const scene = await openScene({ token: true });
  const left = expect(scene.interview()).rejects.toMatchObject({ name: 'ExitPromptError' });
  for (const [, answer] of way.slice(0, place - 1)) await answer(scene);
  await scene.terminal.asks(way[place - 1]?.[0] ?? '');
  return { scene, left };
}

test.each(places)('Ctrl-C at question %i, "%s", ends the interview and shows the cursor again', async (place) => {
  const { scene, left } = await openAt(place);
  scene.terminal.press('CtrlC');
  await left;
  expect(scene.terminal.screen.cursorShown).toBe(true);
});

test.each([1, 5, 9])('Ctrl-D at question %i ends it too', async (place) => {
  const { scene, left } = await openAt(place);
  scene.terminal.press('CtrlD');
  await left;
});

test.each([1, 5, 9])('so does the end of the input at question %i', async (place) => {
  const { scene, left } = await openAt(place);
  scene.terminal.hangUp();
  await left;
});
