import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import serversText from '../../templates/gateway/local/local_servers.py?raw';
import type { Fault } from '../machine/stand-ins/fault.ts';
import { lmStudio } from '../machine/stand-ins/lm-studio.ts';
import type { LoggedRequest } from '../machine/stand-ins/request-log.ts';
import { emptyAnswer, errorEvent, halfAnswer } from './half-answers.ts';
import { python as hookPython } from './hook-python.ts';
import { loggedLines } from './logged-lines.ts';
import { ask, claudeRequest, type GatewayReply } from './messages-client.ts';
import { startPython } from './python-call.ts';
import { type Scene, setScene } from './scene.ts';

const python = startPython();
const second = lmStudio({ contextLength: 65_536, strictTemplate: true });
const sessions = ['a', 'b', 'c', 'd'].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`);

let scene: Scene;
beforeAll(async () => {
  const impatient = serversText.replace('REST_SECONDS = 30', 'REST_SECONDS = 0.5');
  scene = await setScene({ further: second, modules: { 'local_servers.py': impatient } });
});
afterAll(async () => {
  python.end();
  await scene?.close();
});

/** The next turn of a conversation. */
async function turn(session: string, model = 'local', more: Record<string, unknown> = {}): Promise<GatewayReply> {
  const headers = { 'x-claude-code-session-id': session };
  return await ask(scene.gateway, claudeRequest(model, `turn of ${session}`, more), undefined, headers);
}

/** The sessions that a server was asked by, in order. */
function askedOf({ requests }: { readonly requests: readonly LoggedRequest[] }): readonly string[] {
  const generations = requests.filter(({ path }) => path.startsWith('/v1/messages'));
  return generations.map(({ body }) => /turn of ([\w-]+)/.exec(JSON.stringify(body))?.[1] ?? '?');
}

describe('two servers of one model', () => {
  it('share the conversations, and each conversation stays where it began', async () => {
    for (const _ of [1, 2, 3]) for (const session of sessions) expect((await turn(session)).status).toBe(200);
    const homes = [askedOf(scene.lmStudio), askedOf(second)].map((asked) => [...new Set(asked)]);
    expect(homes.map(({ length }) => length)).toEqual([2, 2]);
    expect(homes.flat().sort()).toEqual(sessions);
  });

  it('the strict name knows both, and the log tells which one answered', async () => {
    scene.reset();
    for (const session of sessions) expect((await turn(session, 'local-only')).status).toBe(200);
    expect([askedOf(scene.lmStudio).length, askedOf(second).length]).toEqual([2, 2]);
    const servers = (await loggedLines(scene.gateway)).slice(-4).map(({ server }) => server);
    expect(new Set(servers)).toEqual(new Set([scene.urls.local, scene.urls.further].map((url) => url?.slice(7))));
  });

  it.each([
    ['breaks off', { does: 'disconnect' }],
    ['is loading its model', { does: 'status', status: 503, body: { error: { message: 'Loading model' } } }],
  ] as const)(
    'where one %s before its first word, the other one goes on, and the cloud only after both',
    async (_, fault) => {
      scene.reset();
      const [first, ...others] = sessions;
      await sleep(600);
      scene.lmStudio.settings.faults.push({ on: 'generation', ...fault });
      for (const session of sessions)
        expect((await turn(session, 'local', { stream: true })).litellm['model-id']).toBe('lm-studio:local');
      expect([...new Set(askedOf(second))].sort()).toEqual(sessions);
      expect(scene.anthropic.requests).toEqual([]);
      second.settings.faults.push({ on: 'generation', ...fault });
      expect((await turn(first ?? '', 'local', { stream: true })).litellm['model-id']).toMatch(/^claude-api:/);
      scene.reset();
      await sleep(600);
      for (const session of others) expect((await turn(session)).litellm['model-id']).toBe('lm-studio:local');
      expect(askedOf(scene.lmStudio).length).toBeGreaterThan(0);
    },
  );

  const streams: readonly (readonly [string, Fault, 'followed' | 'told'])[] = [
    ['ends before its first word', emptyAnswer, 'followed'],
    ['dies before its first word', { on: 'generation', does: 'die', afterEvents: 2 }, 'followed'],
    ['ends after it', halfAnswer, 'told'],
    ['tells an error of its own', errorEvent('something odd', true), 'told'],
  ];
  it.each(streams)('a stream that %s', async (_, fault, becomes) => {
    scene.reset();
    await sleep(600);
    const [session = ''] = sessions;
    await turn(session, 'local-only');
    const home = askedOf(second).length > 0 ? second : scene.lmStudio;
    scene.reset();
    home.settings.faults.push({ ...fault, times: 1 });
    const reply = await turn(session, 'local-only', { stream: true });
    expect([askedOf(scene.lmStudio).length, askedOf(second).length].sort()).toEqual(
      becomes === 'followed' ? [1, 1] : [0, 1],
    );
    expect(reply.error === undefined).toBe(becomes === 'followed');
    if (becomes === 'followed') expect(reply.events.filter((type) => type === 'message_start')).toHaveLength(1);
  });

  it('while one is off the other one answers for all, and they go home again', async () => {
    scene.reset();
    await sleep(600);
    for (const session of sessions) await turn(session);
    const homes = askedOf(scene.lmStudio);
    await scene.stopLmStudio();
    for (const session of sessions) expect((await turn(session)).litellm['model-id']).toBe('lm-studio:local');
    await scene.startLmStudio();
    await sleep(600);
    for (const session of sessions) await turn(session);
    expect(askedOf(scene.lmStudio)).toEqual([...homes, ...homes]);
    expect(scene.anthropic.requests).toEqual([]);
  });

  it('when all are off the cloud answers, but never for the strict name', async () => {
    scene.reset();
    const [session = ''] = sessions;
    await Promise.all([scene.stopLmStudio(), scene.stopFurther()]);
    expect((await turn(session)).litellm['model-id']).toMatch(/^claude-api:/);
    const strict = await turn(session, 'local-only');
    expect(strict.status).toBeGreaterThanOrEqual(500);
    expect(strict.error).toContain(`${scene.urls.local} cannot be reached`);
    expect(strict.error).toContain(`${scene.urls.further} cannot be reached`);
  });
});

describe('which conversation a request is of', () => {
  const session = '01234567-89ab-4cde-8f01-23456789abcd';
  const header = { 'x-claude-code-session-id': session };
  const said = (content: string) => ({ role: 'user', content });
  const of = async ([headers, body]: Given) => await python.call('conversations', 'conversation_of', headers, body);
  type Given = readonly [headers: object, body: object];
  const saying = (system: string, ...words: string[]): Given => [{}, { system, messages: words.map(said) }];
  it.each<[string, Given, Given]>([
    ['a turn more', saying('s', 'a'), saying('s', 'a', 'b')],
    ['a session by its header, whatever is said', [header, { messages: [said('a')] }], [header, { messages: [] }]],
    ['by its header and by its metadata', [header, {}], [{}, { metadata: { user_id: `user_1__session_${session}` } }]],
  ])('%s: the same', async (_, one, other) => {
    expect(await of(one)).toBe(await of(other));
  });
  it.each<[string, Given, Given]>([
    ['another beginning', saying('s', 'a'), saying('s', 'b')],
    ['another system prompt', saying('s', 'a'), saying('t', 'a')],
    ['a subagent of the session', [header, {}], [{ ...header, 'x-claude-code-agent-id': 'a1' }, {}]],
  ])('%s: another one', async (_, one, other) => {
    expect(await of(one)).not.toBe(await of(other));
  });
});

describe('the order in which servers are tried', () => {
  /** Each step is a second, and a conversation whose order is asked for or a server that is sent to rest. */
  const ordered = (servers: string, steps: string) =>
    hookPython<readonly (readonly string[] | null)[]>(
      `import local_servers
pool = local_servers.Pool(list(given[0]))
steps = [step.split() for step in given[1].split(", ")]
print(json.dumps([pool.rest(more[0], int(at)) if more else pool.order(word, int(at)) for at, word, *more in steps]))`,
      [servers, steps],
    ).flatMap((order) => order ?? []);
  const [home = '', away = ''] = ordered('AB', '0 x');

  it('a conversation has the same home in a gateway that has just started', () => {
    expect(ordered('BA', '0 x')).toEqual([home, away]);
  });
  it('a new one goes where there are fewer of late', () => {
    const [, , third, , , , fifth] = ordered('AB', '0 x, 1 y, 2 x, 700 x');
    expect([third, fifth]).toEqual([away, home]);
    expect(ordered('AB', '0 y, 700 x').slice(2)).toEqual([home, away]);
  });
  it.each([
    ['while its home rests', `0 x, 1 rests ${home}, 2 x`, [away, home]],
    ['when it is over', `0 x, 1 rests ${home}, 31 x`, [home, away]],
    ['when all rest', `0 x, 1 rests ${away}, 1 rests ${home}, 2 x`, [home, away]],
    ['for one that begins while its server rests', `1 rests ${home}, 2 x, 32 x`, [away, home]],
  ])('%s', (_, steps, last) => {
    expect(ordered('AB', steps).slice(-2)).toEqual(last);
  });
  it('with every server that is added, some go there and the others stay', () => {
    const homesOf = (servers: readonly string[]) =>
      hookPython<readonly string[]>(
        `import local_servers
print(json.dumps([local_servers.Pool(given).order(str(number), 0)[0] for number in range(60)]))`,
        servers,
      );
    const [before, after] = [homesOf(['A', 'B']), homesOf(['A', 'B', 'C'])];
    const moved = before.filter((one, number) => one !== after[number]).length;
    expect(after.filter((one) => one === 'C')).toHaveLength(moved);
    expect(moved).toBeGreaterThan(10);
  });
});
