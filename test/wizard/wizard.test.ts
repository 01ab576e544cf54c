import { describe, expect, test } from 'vitest';
import { begin, deadAddress, lmStudioAddress, routerAddress, silentAddress } from './scene.ts';
import { answerLocal, answerLocalOnly, answerRest, askForMore, big, expectDecent, numbers } from './usual-answers.ts';

describe.each([80, 40])('at %i columns', (columns) => {
  test('from the address to the options, with the Claude API behind', async () => {
    const { scene, terminal, keys, interviewed } = await begin({ columns });
    await answerLocal(scene);
    await terminal.pick('Cloud', 'Claude API');
    await terminal.answer('Key', keys.anthropic);
    await answerRest(scene);
    const { raw, secrets } = await interviewed;
    expect(raw).toEqual({
      system: { fullUpgrade: false, fail2ban: false, firewall: false },
      toolchain: { mise: true },
      launchers: { leanLocal: true, statusLine: false, sentinel: false },
      localModel: { address: lmStudioAddress, model: big, contextWindow: 65_536, load: false },
      cloud: {
        anthropic: {
          models: {
            opus: 'claude-opus-5-5',
            sonnet: 'claude-sonnet-5-5',
            haiku: 'claude-haiku-5-5',
            fable: 'claude-fable-5-2',
          },
        },
        main: 'claude-sonnet-5-5',
      },
      routing: { profile: 'cloud-foreground' },
      failover: { allowed: true },
    });
    expect(secrets.anthropicKey?.reveal()).toBe(keys.anthropic);
    expect(numbers(scene)).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7']);
    expect(terminal.text).toContain('to claude-haiku-5-5 at Anthropic, and that costs money there');
    expect(terminal.text).toContain('Defaults: core tools, claude-sonnet-5-5 as main model, mise.');
    expect(terminal.questions).toBe(7);
    expectDecent(scene, columns);
  });

  test('local only asks neither for a key nor for consent', async () => {
    const { scene, interviewed } = await begin({ columns });
    await answerLocalOnly(scene);
    await askForMore(scene.terminal, 'Reading speed', 'Tools');
    await scene.terminal.toggle('Options', 'mise', 'fail2ban');
    const { raw } = await interviewed;
    expect(raw).toMatchObject({
      cloud: {},
      routing: {},
      failover: { allowed: false },
      toolchain: { mise: false },
      system: { fail2ban: true, firewall: false },
    });
    expect(numbers(scene)).toEqual(['1/7', '2/7', '3/7', '4/4', '5/7', '6/7', '7/7']);
    expect(scene.terminal.written).not.toContain('stand-in');
    expect(scene.anthropic.requests).toEqual([]);
    expectDecent(scene, columns);
  });

  test('Foundry: a resource in any form, a name that is not the model, a wrong name and a wrong key', async () => {
    const { scene, terminal, keys, interviewed } = await begin({ columns });
    await answerLocal(scene);
    await terminal.pick('Cloud', 'Azure AI Foundry');
    await terminal.answer('Resource', 'yourfoundry');
    await terminal.sees('There is no yourfoundry.services.ai.azure.com');
    await terminal.pick('What now?', 'type the resource again');
    await terminal.answer(
      'Resource',
      '/subscriptions/0/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/MyFoundry',
    );
    await terminal.refused('Deployments', 'claude-sonnet-4-6, claude-sonnet-5', 'sonnet family');
    await terminal.answer('Deployments', 'claude-sonnet-4-6, prod-chatt');
    await terminal.answer('Foundry key', 'a'.repeat(40));
    await terminal.sees('does not accept this key');
    await terminal.pick('What now?', 'type the key again');
    await terminal.answer('Foundry key', keys.foundry);
    await terminal.sees('no deployment called prod-chatt');
    await terminal.pick('What now?', 'correct the deployments');
    await terminal.asks('Deployments claude-sonnet-4-6, prod-ch');
    await terminal.answer('Deployments', 'claude-sonnet-4-6, prod-chat');
    await terminal.refused('Model behind prod-chat', 'opus', 'Type the id of the model');
    await terminal.answer('Model behind prod-chat', 'claude-opus-4-8');
    await terminal.enter('Profile');
    await terminal.pick('Failover', 'yes');
    await askForMore(terminal, 'Reading speed', 'Tools');
    await terminal.pick('Main model', 'claude-opus-4-8');
    await terminal.enter('Options');
    const { raw, secrets } = await interviewed;
    expect(raw['cloud']).toEqual({
      foundry: {
        resource: 'myfoundry',
        deployments: {
          opus: { deployment: 'prod-chat', model: 'claude-opus-4-8' },
          sonnet: { deployment: 'claude-sonnet-4-6', model: 'claude-sonnet-4-6' },
        },
      },
      main: 'foundry/claude-opus-4-8',
    });
    expect(secrets.foundryKey?.reveal()).toBe(keys.foundry);
    const told = '3/7 4/9 5/9 6/9 7/9 8/9 9/9 10/13 11/13 12/13 13/13';
    expect(numbers(scene).slice(2).join(' ')).toBe(told);
    expect(terminal.text).toContain('at Microsoft (Azure AI Foundry)');
    expectDecent(scene, columns);
  });

  test('both clouds, and any of their models in front', async () => {
    const { scene, terminal, keys, interviewed } = await begin({ columns });
    await answerLocal(scene);
    await terminal.pick('Cloud', 'both');
    await terminal.answer('Key', keys.anthropic);
    await terminal.answer('Resource', 'https://myfoundry.services.ai.azure.com/anthropic/v1/messages');
    await terminal.answer('Deployments', 'claude-haiku-4-5');
    await terminal.answer('Foundry key', keys.foundry);
    await terminal.enter('Profile');
    await terminal.pick('Failover', 'no');
    await askForMore(terminal, 'Reading speed', 'Tools');
    await terminal.pick('Main model', 'foundry/claude-haiku-4-5');
    await terminal.toggle('Options', 'other cloud as stand-in', 'local model as stand-in', 'ceiling', 'sealed folders');
    await terminal.refused('Maximum dollars a day', 'five', 'must be a number of dollars');
    await terminal.answer('Maximum dollars a day', '2.50');
    await terminal.pick('What then?', 'local model');
    await terminal.refused('Sealed folders', 'private', 'must be a folder, beginning with / or ~/');
    await terminal.answer('Sealed folders', '~/private/, /srv/papers');
    const { raw } = await interviewed;
    expect(raw).toMatchObject({
      routing: { sealed: ['~/private', '/srv/papers'] },
      cloud: { main: 'foundry/claude-haiku-4-5', anthropic: {}, foundry: { resource: 'myfoundry' } },
      failover: { allowed: false, whenCloudFails: ['other-cloud', 'local'] },
      spending: { perDay: 2.5, atCeiling: 'local' },
    });
    const told = '3/7 4/10 5/10 6/10 7/10 8/10 9/10 10/10 11/14';
    expect(numbers(scene).slice(2, 11).join(' ')).toBe(told);
    expectDecent(scene, columns);
  });

  test('wrong answers come back one by one and keep the others: refused, web page, no answer, wrong key', async () => {
    const { scene, terminal, keys, interviewed } = await begin({ columns });
    await terminal.refused('Address', 'localhost', 'means the container itself there');
    await terminal.refused('Address', '192.168.1.300', 'needs four numbers');
    await terminal.answer('Address', deadAddress);
    await terminal.sees('nothing listens on its port 1234');
    await terminal.pick('What now?', 'type the address again');
    await terminal.asks(`Address ${deadAddress}`);
    await terminal.answer('Address', routerAddress);
    await terminal.sees('it sends a web page');
    expect(terminal.text).not.toContain('use it anyway; it is only off at the moment type');
    await terminal.pick('What now?', 'type the address again');
    await terminal.answer('Address', silentAddress);
    await terminal.sees('did not answer on port 1234 within 3 s');
    await terminal.pick('What now?', 'type the address again');
    await answerLocal(scene);
    await terminal.pick('Cloud', 'Claude API');
    await terminal.refused('Key', `sk-ant-oat01-${keys.anthropic.slice(-20)}`, 'login of a Claude subscription');
    await terminal.answer('Key', `sk-ant-api03-${'x'.repeat(40)}`);
    await terminal.sees('does not know this key');
    await terminal.pick('What now?', 'type the key again');
    await terminal.answer('Key', `ANTHROPIC_API_KEY="${keys.anthropic}"`);
    await answerRest(scene);
    const { raw, secrets } = await interviewed;
    expect(raw).toMatchObject({ localModel: { address: lmStudioAddress, model: big } });
    expect(secrets.anthropicKey?.reveal()).toBe(keys.anthropic);
    expect(scene.anthropic.requests.map(({ path }) => path)).toEqual([
      '/v1/models?limit=1000',
      '/v1/models?limit=1000',
    ]);
    expectDecent(scene, columns);
  });
});
