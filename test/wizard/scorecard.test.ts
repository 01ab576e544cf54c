import { expect, test } from 'vitest';
import { begin, lmStudioAddress, openScene } from './scene.ts';
import { answerLocal, big, small, whole } from './usual-answers.ts';

/** Well-formed, and no tool call, no matter what was asked. */
const chatters = {
  on: 'generation',
  does: 'status',
  status: 200,
  body: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'Certainly.' }] },
} as const;

test('a model that calls no tool is taken only when the person says so, after its scorecard', async () => {
  const { scene, terminal, interviewed } = await begin({ local: { faults: [chatters] } });
  await answerLocal(scene);
  await terminal.sees('tool call ✗ parallel calls –');
  await terminal.sees('Claude Code works through tools');
  await terminal.pick('What now?', 'look at the models again');
  scene.lmStudio.settings.faults = [];
  await terminal.pick('Model', big);
  await terminal.asks('Cloud');
  await terminal.sees('streaming ✓ tool call ✓ parallel calls ✓');
  scene.lmStudio.settings.faults = [chatters];
  await terminal.pick('Cloud', 'none');
  await terminal.enter('More questions');
  expect((await interviewed).raw).toMatchObject({ localModel: { model: big } });
});

test('a weak model that was taken before is offered to be kept', async () => {
  const scene = await openScene({ local: { faults: [chatters] } });
  const { terminal } = scene;
  const earlier = whole({ localModel: { address: lmStudioAddress, model: big, contextWindow: 65_536 } });
  const interviewed = scene.interview(earlier);
  for (const question of ['Address', 'Model', 'What now?', 'Cloud', 'More questions']) await terminal.enter(question);
  expect((await interviewed).raw).toMatchObject({ localModel: { model: big } });
  expect(terminal.text).toContain('✓ What now? use it anyway');
});

test('a model that streams nothing whole is told, and another can be chosen', async () => {
  const { scene, terminal, interviewed } = await begin();
  await terminal.answer('Address', '192.168.1.20');
  await terminal.asks('Model');
  scene.lmStudio.settings.faults = [
    { on: 'generation', does: 'trickle', milliseconds: 1, times: 1 },
    { ...chatters, times: 1 },
  ];
  await terminal.pick('Model', big);
  await terminal.sees('streaming ✗ tool call ✓');
  await terminal.sees('Claude Code has every answer streamed');
  scene.lmStudio.settings.faults = [
    { on: 'generation', does: 'trickle', milliseconds: 1, times: 1 },
    { on: 'generation', does: 'die', afterEvents: 2, times: 1 },
  ];
  await terminal.pick('What now?', 'try it again');
  await terminal.sees('streaming – tool call ✓');
  await terminal.sees('did not finish an answer');
  await terminal.pick('What now?', 'look at the models again');
  await terminal.pick('Model', small);
  await terminal.pick('What now?', 'load it with 65,536 tokens');
  await terminal.pick('Cloud', 'none');
  await terminal.enter('More questions');
  expect((await interviewed).raw).toMatchObject({ localModel: { model: small } });
});
