import { describe, expect, test } from 'vitest';
import { profileWords } from '../../src/components/gateway/routing/profiles.ts';
import { profiles } from '../../src/config/schema.ts';
import { begin, lmStudioAddress, openScene, type Scene } from './scene.ts';
import { answerLocal, big, expectDecent, numbers, whole } from './usual-answers.ts';

const columnsOf = [80, 40] as const;

async function upToTheProfile(scene: Scene): Promise<void> {
  await answerLocal(scene);
  await scene.terminal.pick('Cloud', 'Claude API');
  await scene.terminal.answer('Key', scene.keys.anthropic);
}

describe.each(columnsOf)('what goes where, at %i columns', (columns) => {
  test('each profile says it in one line', async () => {
    const scene = await openScene({ columns });
    const { terminal } = scene;
    const left = expect(scene.interview()).rejects.toMatchObject({ name: 'ExitPromptError' });
    await upToTheProfile(scene);
    await terminal.asks('Profile');
    for (const profile of profiles) {
      const { label, goes } = profileWords[profile];
      await terminal.sees(`${label} ${goes}`);
      expect(goes.length).toBeLessThanOrEqual(74);
      if (columns === 80) expect(terminal.lines.map((line) => line.trim())).toContain(goes);
    }
    terminal.press('CtrlC');
    await left;
    expectDecent(scene, columns);
  });

  test('local first asks for a yes, and a no leads back to the choice', async () => {
    const { scene, terminal, interviewed } = await begin({ columns });
    await upToTheProfile(scene);
    await terminal.pick('Profile', 'local first');
    await terminal.sees('So would a conversation that is too long for the local model.');
    await terminal.enter('Failover');
    await terminal.enter('Profile');
    await terminal.sees('A conversation that is merely too long is summarised instead.');
    await terminal.enter('Failover');
    await terminal.enter('More questions');
    expect((await interviewed).raw).toMatchObject({
      routing: { profile: 'cloud-foreground' },
      failover: { allowed: false },
    });
    expect(numbers(scene)).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '5/7', '6/7', '7/7']);
    expectDecent(scene, columns);
  });
});

describe('consent', () => {
  test.each([
    ['cloud first', 'no', false],
    ['cloud first', 'yes', true],
    ['cloud first', 'only background work', 'background'],
    ['local subagents', 'no', false],
    ['local subagents', 'yes', true],
    ['local subagents', 'only background work', 'background'],
    ['local first', 'yes', true],
    ['offline', 'no', false],
    ['offline', 'yes', true],
  ] as const)('with %s, %s', async (profile, answer, allowed) => {
    const { scene, terminal, interviewed } = await begin();
    await upToTheProfile(scene);
    await terminal.pick('Profile', profile);
    await terminal.sees('would be sent to claude-haiku-5-5 at Anthropic, and that costs money there');
    await terminal.pick('Failover', answer);
    await terminal.enter('More questions');
    const { raw } = await interviewed;
    expect(raw['failover']).toEqual({ allowed });
    expect(whole(raw).routing.profile).toBeDefined();
  });

  test('is never offered by itself', async () => {
    for (const profile of ['cloud first', 'local subagents', 'offline']) {
      const { scene, interviewed } = await begin();
      await upToTheProfile(scene);
      await scene.terminal.pick('Profile', profile);
      await scene.terminal.enter('Failover');
      await scene.terminal.enter('More questions');
      expect((await interviewed).raw['failover']).toEqual({ allowed: false });
    }
  });

  test('background work alone cannot be agreed to where claude-routed has none to send', async () => {
    const scene = await openScene();
    const { terminal } = scene;
    const left = expect(scene.interview()).rejects.toMatchObject({ name: 'ExitPromptError' });
    await upToTheProfile(scene);
    await terminal.pick('Profile', 'offline');
    await terminal.asks('Failover');
    expect(terminal.text).not.toContain('only background work');
    terminal.press('CtrlC');
    await left;
  });

  test('names Microsoft where Microsoft would get it', async () => {
    const { scene, terminal, keys, interviewed } = await begin();
    await answerLocal(scene);
    await terminal.pick('Cloud', 'Azure AI Foundry');
    await terminal.answer('Resource', 'myfoundry');
    await terminal.answer('Deployments', 'claude-sonnet-4-6');
    await terminal.answer('Foundry key', keys.foundry);
    await terminal.enter('Profile');
    await terminal.sees('would be sent to claude-sonnet-4-6 at Microsoft (Azure AI Foundry)');
    await terminal.enter('Failover');
    await terminal.enter('More questions');
    await interviewed;
  });
});

test('local first is kept by Enter alone, with what was set about long prompts', async () => {
  const scene = await openScene();
  const { terminal, keys } = scene;
  const earlier = whole({
    localModel: { address: lmStudioAddress, model: big, contextWindow: 65_536, tokensPerSecond: 300 },
    cloud: { anthropic: { models: { haiku: 'claude-haiku-5-5' } } },
    routing: { profile: 'local-first' },
    failover: { allowed: true, overflow: 'compact' },
  });
  const interviewed = scene.interview(earlier);
  for (const question of ['Address', 'Model', 'Cloud']) await terminal.enter(question);
  await terminal.answer('Key', keys.anthropic);
  await terminal.enter('Models');
  await terminal.enter('Profile');
  await terminal.sees('merely too long is summarised');
  await terminal.enter('Failover');
  await terminal.enter('More questions');
  expect((await interviewed).raw).toMatchObject({
    routing: { profile: 'local-first' },
    failover: { allowed: true, overflow: 'compact' },
  });
});
