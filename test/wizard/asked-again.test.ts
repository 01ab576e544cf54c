import { describe, expect, test } from 'vitest';
import { validateAnswers } from '../../src/config/answers-file.ts';
import { Secret } from '../../src/host/secret.ts';
import { withAsked } from '../../src/wizard/interview.ts';
import { valueIn } from '../value-in.ts';
import { begin, deadAddress, lmStudioAddress, openScene } from './scene.ts';
import { answerLocal, answerRest, askForMore, big, numbers, whole } from './usual-answers.ts';

describe('asked again', () => {
  test('Enter alone gives the same answers and keeps the keys, whatever they were', async () => {
    const first = await openScene();
    const { terminal, keys } = first;
    const asked = first.interview();
    await answerLocal(first);
    await terminal.pick('Cloud', 'both');
    await terminal.answer('Key', keys.anthropic);
    await terminal.answer('Resource', 'myfoundry');
    await terminal.answer('Deployments', 'claude-sonnet-4-6, prod-chat');
    await terminal.answer('Foundry key', keys.foundry);
    await terminal.answer('Model behind prod-chat', 'claude-opus-4-8');
    await terminal.pick('Profile', 'local subagents');
    await terminal.pick('Failover', 'only background');
    await askForMore(terminal, 'Reading speed', 'Tools');
    await terminal.pick('Main model', 'claude-opus-4-8');
    await terminal.toggle('Options', 'status line', 'full-upgrade', 'nftables');
    const before = await asked;
    const earlier = {
      ...whole(before.raw),
      gateway: { port: 4100, keepMonths: 12 },
      localModel: { ...whole(before.raw).localModel, parallel: 2, moreAddresses: ['http://192.168.1.21:1234'] },
      routing: {
        ...whole(before.raw).routing,
        rules: [{ name: 'titles', when: { kind: 'title' as const }, model: 'local' }],
        sealed: ['~/private'],
      },
      failover: {
        ...whole(before.raw).failover,
        afterWaiting: 60,
        whenCloudFails: ['local' as const, 'other-cloud' as const],
      },
      launchers: { ...whole(before.raw).launchers, shellFunctions: false },
      system: { ...whole(before.raw).system, timezone: 'Europe/Berlin' },
    };

    const second = await openScene();
    second.anthropic.settings.keys[keys.anthropic] = null;
    second.foundry.settings.keys[keys.foundry] = null;
    const again = second.interview(earlier, before.secrets);
    for (const question of [
      'Address',
      'Model',
      'Cloud',
      'Key',
      'Models',
      'Resource',
      'Deployments',
      'Foundry key',
      'Model behind prod-chat',
      'Profile',
      'Failover',
      'More questions',
    ]) {
      await second.terminal.enter(question);
    }
    const after = await again;
    expect(valueIn(validateAnswers(withAsked(earlier, after.raw)))).toEqual(earlier);
    expect(after.secrets.anthropicKey?.equals(before.secrets.anthropicKey)).toBe(true);
    expect(after.secrets.foundryKey?.equals(before.secrets.foundryKey)).toBe(true);
    expect(after.secrets.gatewayKey.equals(before.secrets.gatewayKey)).toBe(true);
    expect(numbers(second)).toEqual([...Array(10).keys()].map((before) => `${before + 1}/10`));
    for (const key of Object.values(keys)) expect(second.terminal.written).not.toContain(key.slice(-12));
  });

  test('a known key can be replaced', async () => {
    const scene = await openScene();
    const { terminal, keys } = scene;
    const interviewed = scene.interview(undefined, { anthropicKey: new Secret(`sk-ant-api03-${'o'.repeat(40)}`) });
    await answerLocal(scene);
    await terminal.pick('Cloud', 'Claude API');
    await terminal.sees('Press Enter to keep the known one (fingerprint ');
    await terminal.answer('Key', keys.anthropic);
    await answerRest(scene);
    expect((await interviewed).secrets.anthropicKey?.reveal()).toBe(keys.anthropic);
  });

  test('going back to the choice of cloud keeps the key that was typed', async () => {
    const { scene, terminal, keys, interviewed } = await begin();
    await answerLocal(scene);
    await terminal.pick('Cloud', 'both');
    await terminal.answer('Key', keys.anthropic);
    await terminal.answer('Resource', 'yourfoundry');
    await terminal.pick('What now?', 'choose another cloud');
    await terminal.pick('Cloud', 'Claude API');
    await terminal.enter('Key');
    await answerRest(scene);
    const { raw, secrets } = await interviewed;
    expect(Object.keys(raw['cloud'] as object)).toEqual(['anthropic', 'main']);
    expect(secrets.anthropicKey?.reveal()).toBe(keys.anthropic);
    expect(numbers(scene)).toEqual(['1/7', '2/7', '3/7', '4/10', '5/10', '3/10', '4/7', '5/7', '6/7', '7/7']);
  });

  test('a failover target whose cloud is gone is forgotten', async () => {
    const scene = await openScene();
    const earlier = whole({
      localModel: { address: lmStudioAddress, model: big },
      cloud: { foundry: { resource: 'x1', deployments: { haiku: 'claude-haiku-4-5' } } },
      failover: { allowed: true, target: 'foundry/claude-haiku-4-5' },
    });
    const { terminal, keys } = scene;
    const interviewed = scene.interview(earlier);
    await terminal.enter('Address');
    await terminal.enter('Model');
    await terminal.pick('Cloud', 'Claude API');
    await terminal.answer('Key', keys.anthropic);
    await terminal.enter('Profile');
    await terminal.enter('Failover');
    await terminal.enter('More questions');
    expect((await interviewed).raw['failover']).toEqual({ allowed: true });
  });

  test('LM Studio off today: what is known of it stays as it is', async () => {
    const scene = await openScene();
    const earlier = whole({ localModel: { address: deadAddress, model: big, contextWindow: 65_536, load: true } });
    const { terminal } = scene;
    const interviewed = scene.interview(earlier);
    await terminal.enter('Address');
    await terminal.pick('What now?', 'use it anyway');
    await terminal.enter('Model');
    await terminal.enter('Cloud');
    await terminal.enter('More questions');
    expect((await interviewed).raw['localModel']).toEqual({
      address: deadAddress,
      model: big,
      contextWindow: 65_536,
      load: true,
    });
  });
});
