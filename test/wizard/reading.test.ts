import { describe, expect, test } from 'vitest';
import { begin, lmStudioAddress, openScene } from './scene.ts';
import { answerLocalOnly, askForMore, big, expectDecent, whole } from './usual-answers.ts';

describe.each([80, 40])('how fast the model reads, at %i columns', (columns) => {
  test('is measured when the person likes, said by their own figures, and the tools are chosen by them', async () => {
    const { scene, terminal, interviewed } = await begin({
      columns,
      local: { prefillTokensPerSecond: 20_000, prefixCache: true },
    });
    await answerLocalOnly(scene);
    await askForMore(terminal);
    await terminal.sees('6 minutes at most');
    await terminal.enter('Reading speed');
    await terminal.asks('Tools');
    await terminal.sees('It remembers what it has read');
    expect(terminal.text).toMatch(
      /Reads 1\d,\d{3} tokens\/s: first answer in about 1 s with core tools, 1 s with all of them\./,
    );
    expect(terminal.text).toMatch(/core tools first answer after about 1 s: shell, files, search/);
    await terminal.pick('Tools', 'all tools');
    await terminal.enter('Options');
    const { raw } = await interviewed;
    expect(raw['launchers']).toEqual({ leanLocal: false, statusLine: false, sentinel: false });
    expect(tokensPerSecond(raw)).toBeGreaterThan(10_000);
    expect(tokensPerSecond(raw)).toBeLessThan(21_000);
    expectDecent(scene, columns);
  });
});

test('a model measured before is not measured again unless that is wanted', async () => {
  const scene = await openScene();
  const { terminal } = scene;
  const localModel = { address: lmStudioAddress, model: big, contextWindow: 65_536, tokensPerSecond: 210 };
  const interviewed = scene.interview(whole({ localModel }));
  for (const question of ['Address', 'Model', 'Cloud']) await terminal.enter(question);
  await askForMore(terminal, 'Reading speed');
  await terminal.sees('Reads 210 tokens/s: first answer in about 22 s with core tools, 103 s with all of them.');
  await terminal.sees('first answer after about 103 s: also web, subagents, plans');
  for (const question of ['Tools', 'Options']) await terminal.enter(question);
  expect((await interviewed).raw['localModel']).toEqual({ ...localModel, load: false });
  expect(promptSizes(scene.lmStudio.requests).filter((tokens) => tokens > 4_000)).toEqual([]);
});

test('an earlier figure of another model is not offered', async () => {
  const scene = await openScene();
  const { terminal } = scene;
  const localModel = { address: lmStudioAddress, model: 'some/other', contextWindow: 65_536, tokensPerSecond: 210 };
  const interviewed = scene.interview(whole({ localModel }));
  await terminal.enter('Address');
  await terminal.pick('Model', big);
  await terminal.enter('Cloud');
  await askForMore(terminal);
  await terminal.pick('Reading speed', 'measure it');
  for (const question of ['Tools', 'Options']) await terminal.enter(question);
  expect(tokensPerSecond((await interviewed).raw)).not.toBe(210);
  expect(terminal.text).not.toContain('as measured before');
});

test('without a measurement the choice is told by what there is to read, and nothing is kept', async () => {
  const { scene, terminal, interviewed } = await begin();
  await answerLocalOnly(scene);
  await askForMore(terminal);
  await terminal.pick('Reading speed', 'skip it');
  await terminal.sees('about 21,700 tokens to read first: also web, subagents, plans');
  await terminal.enter('Tools');
  await terminal.enter('Options');
  expect((await interviewed).raw['localModel']).not.toHaveProperty('tokensPerSecond');
});

test('a server that fails in the middle is told, and the interview goes on', async () => {
  const { scene, terminal, interviewed } = await begin();
  await answerLocalOnly(scene);
  await askForMore(terminal);
  await terminal.asks('Reading speed');
  scene.lmStudio.settings.faults = [
    { on: 'generation', does: 'status', status: 500, body: { error: 'the engine is gone' } },
  ];
  await terminal.enter('Reading speed');
  await terminal.sees('the engine is gone');
  await terminal.enter('Tools');
  await terminal.enter('Options');
  expect((await interviewed).raw['localModel']).not.toHaveProperty('tokensPerSecond');
});

function tokensPerSecond(raw: Record<string, unknown>): number {
  return (raw['localModel'] as { readonly tokensPerSecond: number }).tokensPerSecond;
}

function promptSizes(requests: readonly { readonly answer: { readonly promptTokens?: number } }[]): readonly number[] {
  return requests.flatMap(({ answer }) => answer.promptTokens ?? []);
}
