import { describe, expect, test } from 'vitest';
import { withAsked } from '../../src/answers/interview.ts';
import { validateAnswers } from '../../src/answers/answers-file.ts';
import type { Answers } from '../../src/answers/schema.ts';
import { Secret } from '../../src/host/secret.ts';
import { deadAddress, lmStudioAddress, openScene, routerAddress, type Scene, silentAddress } from './scene.ts';

const big = 'qwen/qwen3.6-35b-a3b';
const small = 'openai/gpt-oss-20b';

/** The first two questions, with nothing special about them. */
async function answerLocal({ terminal }: Scene): Promise<void> {
  await terminal.answer('Address', '192.168.1.20');
  await terminal.pick('Model', big);
}

async function answerRest({ terminal }: Scene): Promise<void> {
  await terminal.pick('Model in front', 'claude-sonnet-5-5');
  await terminal.pick('Failover', 'yes');
  await terminal.enter('Options');
}

/** What holds for every screen: nothing secret was ever written, and no line is too long for a terminal of that width. */
function expectDecent({ terminal, keys }: Scene, columns: number): void {
  for (const key of Object.values(keys)) expect(terminal.written).not.toContain(key.slice(-12));
  const most = (line: string) => (/^[>✓] /.test(line) ? columns : Math.min(columns, 78));
  const tooLong = terminal.screen.lines.filter((line) => line.length > most(line) && line.trim().includes(' '));
  expect(tooLong).toEqual([]);
  expect(terminal.written).not.toMatch(/!/);
  expect(terminal.screen.cursorShown).toBe(true);
}

/** The headlines' numbers. */
function numbers({ terminal }: Scene): readonly string[] {
  return terminal.screen.lines.flatMap((line) => /^(\d\/\d) {2}\S/.exec(line)?.[1] ?? []);
}

function whole(raw: Record<string, unknown>): Answers {
  const answers = validateAnswers(withAsked({ version: 1 }, raw));
  if (!('version' in answers)) throw new Error(answers.map(({ problem }) => problem).join('; '));
  return answers;
}

describe.each([80, 40])('at %i columns', (columns) => {
  test('from the address to the options, with the Claude API behind', async () => {
    const scene = await openScene({ columns });
    const { terminal, keys } = scene;
    const interviewed = scene.interview();
    await answerLocal(scene);
    await terminal.pick('Cloud', 'Claude API');
    await terminal.answer('Key', keys.anthropic);
    await answerRest(scene);
    const { raw, secrets } = await interviewed;
    expect(raw).toEqual({
      system: { fullUpgrade: false, fail2ban: false, firewall: false },
      toolchain: { mise: true },
      localModel: { address: lmStudioAddress, model: big, contextWindow: 65_536, load: false },
      cloud: {
        anthropic: { models: { opus: 'claude-opus-5-5', sonnet: 'claude-sonnet-5-5', haiku: 'claude-haiku-5-5', fable: 'claude-fable-5-2' } },
        main: 'claude-sonnet-5-5',
      },
      failover: { allowed: true },
    });
    expect(secrets.anthropicKey?.reveal()).toBe(keys.anthropic);
    expect(numbers(scene)).toEqual(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6']);
    expect(terminal.text).toContain('to claude-haiku-5-5 at Anthropic, and it costs money there');
    expectDecent(scene, columns);
  });

  test('local only asks neither for a key nor for consent', async () => {
    const scene = await openScene({ columns });
    const interviewed = scene.interview();
    await answerLocal(scene);
    await scene.terminal.pick('Cloud', 'none');
    await scene.terminal.toggle('Options', 'mise', 'fail2ban');
    const { raw } = await interviewed;
    expect(raw).toMatchObject({ cloud: {}, failover: { allowed: false }, toolchain: { mise: false }, system: { fail2ban: true, firewall: false } });
    expect(numbers(scene)).toEqual(['1/6', '2/6', '3/6', '4/4']);
    expect(scene.anthropic.requests).toEqual([]);
    expectDecent(scene, columns);
  });

  test('Foundry: a resource in any form, a name that is not the model, a wrong name and a wrong key', async () => {
    const scene = await openScene({ columns });
    const { terminal, keys } = scene;
    const interviewed = scene.interview();
    await answerLocal(scene);
    await terminal.pick('Cloud', 'Azure AI Foundry');
    await terminal.answer('Resource', 'yourfoundry');
    await terminal.sees('There is no yourfoundry.services.ai.azure.com');
    await terminal.pick('What now?', 'type the resource again');
    await terminal.answer('Resource', '/subscriptions/0/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/MyFoundry');
    await terminal.refused('Deployments', 'claude-sonnet-4-6, claude-sonnet-5', 'family sonnet');
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
    await terminal.pick('Model in front', 'claude-opus-4-8');
    await terminal.pick('Failover', 'yes');
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
    expect(numbers(scene)).toEqual(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6']);
    expect(terminal.text).toContain('at Microsoft (Azure AI Foundry)');
    expectDecent(scene, columns);
  });

  test('both clouds, and any of their models in front', async () => {
    const scene = await openScene({ columns });
    const { terminal, keys } = scene;
    const interviewed = scene.interview();
    await answerLocal(scene);
    await terminal.pick('Cloud', 'both');
    await terminal.answer('Key', keys.anthropic);
    await terminal.answer('Resource', 'https://myfoundry.services.ai.azure.com/anthropic/v1/messages');
    await terminal.answer('Deployments', 'claude-haiku-4-5');
    await terminal.answer('Foundry key', keys.foundry);
    await terminal.pick('Model in front', 'foundry/claude-haiku-4-5');
    await terminal.pick('Failover', 'no');
    await terminal.enter('Options');
    const { raw } = await interviewed;
    expect(raw).toMatchObject({ cloud: { main: 'foundry/claude-haiku-4-5', anthropic: {}, foundry: { resource: 'myfoundry' } }, failover: { allowed: false } });
    expect(numbers(scene)).toEqual(['1/6', '2/6', '3/6', '4/7', '5/7', '6/7', '7/7']);
    expectDecent(scene, columns);
  });

  test('wrong answers come back one by one and keep the others: refused, web page, no answer, wrong key', async () => {
    const scene = await openScene({ columns });
    const { terminal, keys } = scene;
    const interviewed = scene.interview();
    await terminal.refused('Address', 'localhost', 'means the container itself there');
    await terminal.refused('Address', '192.168.1.300', 'needs four numbers');
    await terminal.answer('Address', deadAddress);
    await terminal.sees('nothing listens on its port 1234');
    await terminal.pick('What now?', 'type the address again');
    await terminal.asks(`Address ${deadAddress}`);
    await terminal.answer('Address', routerAddress);
    await terminal.sees('it sends a web page');
    expect(terminal.text).not.toContain('use it all the same, it is only off at the moment type');
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
    expect(scene.anthropic.requests.map(({ path }) => path)).toEqual(['/v1/models?limit=1000', '/v1/models?limit=1000']);
    expectDecent(scene, columns);
  });
});

describe('the local model', () => {
  test('a token is asked for when the server wants one, again when it is wrong, and never sent before', async () => {
    const scene = await openScene({ token: true });
    const { terminal, keys } = scene;
    const interviewed = scene.interview();
    await terminal.answer('Address', '192.168.1.20');
    await terminal.sees('wants an API token');
    await terminal.answer('API token', 'sk-lm-wrong-token-1234567890');
    await terminal.sees('does not accept this API token');
    await terminal.answer('API token', keys.token);
    await terminal.sees('with the token');
    await terminal.pick('Model', big);
    await terminal.pick('Cloud', 'none');
    await terminal.enter('Options');
    const { secrets } = await interviewed;
    expect(secrets.localModelToken?.reveal()).toBe(keys.token);
    expect(scene.lmStudio.requests[0]?.credentials).toEqual([]);
    expectDecent(scene, 80);
  });

  test('a known token is used without asking', async () => {
    const scene = await openScene({ token: true });
    const interviewed = scene.interview(undefined, { localModelToken: new Secret(scene.keys.token) });
    await answerLocal(scene);
    await scene.terminal.pick('Cloud', 'none');
    await scene.terminal.enter('Options');
    await interviewed;
    expect(scene.terminal.text).not.toContain('wants an API token');
  });

  test('a window that is too small is not gone on with; LM Studio is to load the model again', async () => {
    const scene = await openScene();
    const { terminal } = scene;
    const interviewed = scene.interview();
    await terminal.answer('Address', '192.168.1.20');
    await terminal.pick('Model', small);
    await terminal.sees('LM Studio refuses it with "n_keep >= n_ctx"');
    await terminal.asks('What now?');
    expect(terminal.text).not.toContain('go on with 16,384');
    await terminal.pick('What now?', 'load it with 65,536 tokens');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('Options');
    expect((await interviewed).raw).toMatchObject({ localModel: { model: small, contextWindow: 65_536, load: true } });
    expect(scene.lmStudio.requests.filter(({ path }) => path.includes('load'))).toEqual([]);
  });

  test('a tight window may be gone on with, and what it costs is said', async () => {
    const scene = await openScene({ local: { contextLength: 40_960 } });
    const { terminal } = scene;
    const interviewed = scene.interview();
    await answerLocal(scene);
    await terminal.sees('it summarises the conversation in every turn');
    await terminal.pick('What now?', 'go on with 40,960 tokens');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('Options');
    expect((await interviewed).raw).toMatchObject({ localModel: { contextWindow: 40_960, load: false } });
  });

  test('a model that is not loaded is to be loaded, by us or by the person', async () => {
    const scene = await openScene();
    const { terminal } = scene;
    const interviewed = scene.interview();
    await terminal.answer('Address', '192.168.1.20');
    await terminal.pick('Model', 'google/gemma-3-12b');
    await terminal.pick('It is not loaded.', 'look at the models again');
    await terminal.pick('Model', 'google/gemma-3-12b');
    await terminal.pick('It is not loaded.', 'load it with 65,536 tokens');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('Options');
    expect((await interviewed).raw).toMatchObject({ localModel: { model: 'google/gemma-3-12b', contextWindow: 65_536, load: true } });
    expect(terminal.text).not.toContain('text-embedding');
  });

  test('a model that does not answer is used only when the person says so', async () => {
    const scene = await openScene({ local: { faults: [{ on: 'generation', does: 'status', status: 500, body: { error: 'the engine is gone' } }] } });
    const { terminal } = scene;
    const interviewed = scene.interview();
    await answerLocal(scene);
    await terminal.sees('the engine is gone');
    await terminal.pick('What now?', 'try it again');
    await terminal.pick('What now?', 'look at the models again');
    await terminal.pick('Model', big);
    await terminal.pick('What now?', 'use it all the same');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('Options');
    expect((await interviewed).raw).toMatchObject({ localModel: { model: big } });
  });

  test('a template that refuses late system messages is told, with the remedy', async () => {
    const scene = await openScene({ local: { strictTemplate: true } });
    const interviewed = scene.interview();
    await answerLocal(scene);
    await scene.terminal.sees('late system message ✗');
    await scene.terminal.sees('the gateway folds them for it');
    await scene.terminal.pick('Cloud', 'none');
    await scene.terminal.enter('Options');
    await interviewed;
  });

  test('a server that is off at the moment can be used all the same', async () => {
    const scene = await openScene();
    const { terminal } = scene;
    const interviewed = scene.interview();
    await terminal.answer('Address', deadAddress);
    await terminal.pick('What now?', 'use it all the same');
    await terminal.refused('Model', 'a model', 'must be a model id');
    await terminal.answer('Model', big);
    await terminal.sees('the proof at the end stops until LM Studio answers');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('Options');
    expect((await interviewed).raw).toMatchObject({ localModel: { address: deadAddress, model: big, load: false } });
  });

  test('a server that does not tell its window is asked about, and the number is judged', async () => {
    const scene = await openScene({ local: { generation: 'openai' } });
    const { terminal } = scene;
    const interviewed = scene.interview();
    await terminal.answer('Address', '192.168.1.20');
    await terminal.pick('Model', big);
    await terminal.pick('What now?', 'use it all the same');
    await terminal.refused('Tokens of context', 'many', 'Type a number such as 65536');
    await terminal.answer('Tokens of context', '131,072');
    await terminal.pick('Cloud', 'none');
    await terminal.enter('Options');
    expect((await interviewed).raw).toMatchObject({ localModel: { model: big, contextWindow: 131_072 } });
  });
});

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
    await terminal.pick('Model in front', 'claude-opus-4-8');
    await terminal.pick('Failover', 'yes');
    await terminal.toggle('Options', 'full-upgrade', 'nftables');
    const before = await asked;
    const earlier = { ...whole(before.raw), gateway: { port: 4100 }, system: { ...whole(before.raw).system, timezone: 'Europe/Berlin' } };

    const second = await openScene();
    second.anthropic.settings.keys[keys.anthropic] = null;
    second.foundry.settings.keys[keys.foundry] = null;
    const again = second.interview(earlier, before.secrets);
    for (const question of ['Address', 'Model', 'Cloud', 'Key', 'Models', 'Resource', 'Deployments', 'Foundry key', 'Model behind prod-chat', 'Model in front', 'Failover', 'Options']) {
      await second.terminal.enter(question);
    }
    const after = await again;
    expect(validateAnswers(withAsked(earlier, after.raw))).toEqual(earlier);
    expect(after.secrets.anthropicKey?.equals(before.secrets.anthropicKey)).toBe(true);
    expect(after.secrets.foundryKey?.equals(before.secrets.foundryKey)).toBe(true);
    expect(after.secrets.gatewayKey.equals(before.secrets.gatewayKey)).toBe(true);
    expect(numbers(second)).toEqual(['1/7', '2/7', '3/7', '4/7', '5/7', '6/7', '7/7']);
    for (const key of Object.values(keys)) expect(second.terminal.written).not.toContain(key.slice(-12));
  });

  test('a known key can be replaced', async () => {
    const scene = await openScene();
    const { terminal, keys } = scene;
    const interviewed = scene.interview(undefined, { anthropicKey: new Secret(`sk-ant-api03-${'o'.repeat(40)}`) });
    await answerLocal(scene);
    await terminal.pick('Cloud', 'Claude API');
    await terminal.sees('Enter alone keeps the one that is known (fingerprint ');
    await terminal.answer('Key', keys.anthropic);
    await answerRest(scene);
    expect((await interviewed).secrets.anthropicKey?.reveal()).toBe(keys.anthropic);
  });

  test('going back to the choice of cloud keeps the key that was typed', async () => {
    const scene = await openScene();
    const { terminal, keys } = scene;
    const interviewed = scene.interview();
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
    expect(numbers(scene)).toEqual(['1/6', '2/6', '3/6', '4/7', '5/7', '3/7', '4/6', '5/6', '6/6']);
  });

  test('a failover target whose cloud is gone is forgotten', async () => {
    const scene = await openScene();
    const earlier = whole({ localModel: { address: lmStudioAddress, model: big }, cloud: { foundry: { resource: 'x1', deployments: { haiku: 'claude-haiku-4-5' } } }, failover: { allowed: true, target: 'foundry/claude-haiku-4-5' } });
    const { terminal, keys } = scene;
    const interviewed = scene.interview(earlier);
    await terminal.enter('Address');
    await terminal.enter('Model');
    await terminal.pick('Cloud', 'Claude API');
    await terminal.answer('Key', keys.anthropic);
    await terminal.enter('Model in front');
    await terminal.enter('Failover');
    await terminal.enter('Options');
    expect((await interviewed).raw['failover']).toEqual({ allowed: true });
  });

  test('LM Studio off today: what is known of it stays as it is', async () => {
    const scene = await openScene();
    const earlier = whole({ localModel: { address: deadAddress, model: big, contextWindow: 65_536, load: true } });
    const { terminal } = scene;
    const interviewed = scene.interview(earlier);
    await terminal.enter('Address');
    await terminal.pick('What now?', 'use it all the same');
    await terminal.enter('Model');
    await terminal.enter('Cloud');
    await terminal.enter('Options');
    expect((await interviewed).raw['localModel']).toEqual({ address: deadAddress, model: big, contextWindow: 65_536, load: true });
  });
});

describe('leaving', () => {
  const openings: readonly (readonly [string, (scene: Scene) => Promise<void>])[] = [
    ['Address', async () => undefined],
    ['What now?', async ({ terminal }) => await terminal.answer('Address', deadAddress)],
    ['Model', async ({ terminal }) => await terminal.answer('Address', '192.168.1.20')],
    ['Cloud', answerLocal],
    [
      'Key',
      async (scene) => {
        await answerLocal(scene);
        await scene.terminal.pick('Cloud', 'Claude API');
      },
    ],
    [
      'Options',
      async (scene) => {
        await answerLocal(scene);
        await scene.terminal.pick('Cloud', 'none');
      },
    ],
  ];

  test.each(openings)('Ctrl-C at "%s" ends the interview', async (question, open) => {
    const scene = await openScene();
    const interviewed = scene.interview();
    const left = expect(interviewed).rejects.toMatchObject({ name: 'ExitPromptError' });
    await open(scene);
    await scene.terminal.asks(question);
    scene.terminal.press('CtrlC');
    await left;
    expect(scene.terminal.screen.cursorShown).toBe(true);
  });

  test.each(['Address', 'Key'])('Ctrl-D and a closed input at "%s" end it too', async (question) => {
    for (const leave of ['CtrlD', 'hangUp'] as const) {
      const scene = await openScene();
      const interviewed = scene.interview();
      const left = expect(interviewed).rejects.toMatchObject({ name: 'ExitPromptError' });
      if (question === 'Key') await openings[4]?.[1](scene);
      await scene.terminal.asks(question);
      if (leave === 'CtrlD') scene.terminal.press(leave);
      else scene.terminal.hangUp();
      await left;
    }
  });
});
