import { afterAll, describe, expect, it } from 'vitest';
import { python } from '../hook-python.ts';
import { startPython } from '../python-call.ts';

const modules = startPython('httpx');
afterAll(() => modules.end());

const [talk, agent, side] = [0, 1, 2];

describe('how important a request is', () => {
  it.each([
    [[], talk],
    [['tool-result'], talk],
    [['compaction'], talk],
    [['subagent', 'tool-result'], agent],
    [['title', 'background'], side],
    [['title'], side],
    [['background', 'web-search'], talk],
    [['background', 'subagent'], side],
  ])('%j: %i', async (kinds, rank) => {
    expect(await modules.call('local_queue', 'rank_of', kinds)).toBe(rank);
  });
});

describe('whose turn it is', () => {
  /** Who waits, in the order of their coming: how important, and of which run. */
  const waiting = (who: string) =>
    who.split(', ').map((one) => {
      const [rank = '', run = null] = one.split(' ');
      return [{ talk, agent, side }[rank], run];
    });
  interface Queue {
    readonly served?: readonly string[];
    readonly kept?: Readonly<Record<string, number>>;
    readonly free?: number;
    readonly passes?: number;
  }
  it.each<[when: string, who: string, next: number | null, queue?: Queue]>([
    ['nothing is free', 'talk a', null, { free: 0 }],
    ['first come, first served', 'agent a, agent b', 0],
    ['a conversation before subagents', 'side, agent a, talk b', 2],
    ['subagents before titles', 'side, agent a', 1],
    ['the run that was served last', 'agent a, agent b, agent c', 1, { served: ['c', 'b'] }],
    ['what was begun before what is new', 'agent a, agent b', 1, { served: ['b', 'x'] }],
    ['importance before the same run', 'agent a, talk b', 1, { served: ['a'] }],
    ['the oldest, passed over often enough', 'side, talk b', 0, { passes: 8 }],
    ['a slot kept for another run', 'agent a', null, { kept: { b: agent } }],
    ['a slot kept for a less important run', 'talk a', 0, { kept: { b: agent } }],
    ['a slot kept for it', 'agent a, agent b', 1, { kept: { b: agent } }],
    ['one slot of two kept', 'agent a', 0, { kept: { b: agent }, free: 2 }],
    ['both kept', 'agent a', null, { kept: { b: agent, c: talk }, free: 2 }],
    ['both kept, and nobody else passed over', 'side', 0, { kept: { b: agent }, passes: 8 }],
  ])('%s', async (_, who, next, { served = [], kept = {}, free = 1, passes = 0 } = {}) => {
    expect(await modules.call('local_queue', 'next_of', waiting(who), served, kept, free, passes)).toBe(next);
  });

  it('nobody’s where nobody waits', async () => {
    expect(await modules.call('local_queue', 'next_of', [], [], {}, 1, 0)).toBe(null);
  });
});

const begun = `
import asyncio, local_queue
from local_queue import BACKGROUND, CONVERSATION, SUBAGENT, Queue, Ticket

said, queue = [], Queue()
queue.slots = 1

async def enter(name, rank=SUBAGENT, run=None, seconds=None):
    ticket = Ticket(rank, run or name)
    try:
        await queue.enter(ticket, seconds)
        said.append(name)
    except BaseException as error:
        said.append(f"{name} {type(error).__name__}")

def begin(*arguments, **more):
    return asyncio.ensure_future(enter(*arguments, **more))

async def settle():
    for _ in range(5):
        await asyncio.sleep(0)

async def end(comes_back=False, read=5):
    queue.running[0].read = read
    queue.leave(queue.running[0], comes_back)
    await settle()
`;

/** Who got a slot of a queue that has one, in this order; `script` is the body of an async function. */
function served(script: string): readonly string[] {
  const body = script.trim().replaceAll('\n', '\n    ');
  return python(`${begun}\nasync def main():\n    ${body}\nasyncio.run(main())\nprint(json.dumps(said))`);
}

describe('a queue', () => {
  it('lets everybody in while nobody knows how many slots there are', () => {
    const names = served(`
queue.slots = float("inf")
[begin(name) for name in "abc"]
await settle()`);
    expect(names).toEqual(['a', 'b', 'c']);
  });

  it('gives the slot on when it is left', () => {
    const names = served(`
begin("first"), begin("title", BACKGROUND), begin("agent"), begin("agent 2"), begin("talk", CONVERSATION)
await settle()
while queue.running:
    await end()`);
    expect(names).toEqual(['first', 'talk', 'agent', 'agent 2', 'title']);
  });

  it('forgets who is cancelled, and who has waited too long', () => {
    const names = served(`
await enter("first")
gone, late, last = begin("gone"), begin("late", seconds=0.01), begin("last")
await settle()
gone.cancel()
await asyncio.sleep(0.05)
ticket = queue.running[0]
queue.leave(ticket)
queue.leave(ticket)
await settle()
said.append(f"{len(queue.running)} running, {len(queue.waiting)} waiting")`);
    expect(names).toEqual(['first', 'gone CancelledError', 'late TimeoutError', 'last', '1 running, 0 waiting']);
  });

  it('keeps the slot of who called a tool for a while', () => {
    const names = served(`
local_queue.KEEP_SECONDS = 0.1
await enter("a")
other = begin("b")
await settle()
await end(comes_back=True)
await enter("a again", run="a")
await end(comes_back=True)
await other`);
    expect(names).toEqual(['a', 'a again', 'b']);
  });

  it('keeps it no longer than reading its prompt took, the first time', () => {
    const names = served(`
await enter("a")
begin("b")
await settle()
await end(comes_back=True, read=0.3)
await enter("a again", run="a")
began = asyncio.get_running_loop().time()
await end(comes_back=True, read=0.01)
while len(said) < 3:
    await asyncio.sleep(0.01)
waited = asyncio.get_running_loop().time() - began
said.append(0.25 < waited < 1)`);
    expect(names).toEqual(['a', 'a again', 'b', true]);
  });

  it('keeps it from nobody who is more important', () => {
    const names = served(`
await enter("a")
begin("talk", CONVERSATION)
await settle()
await end(comes_back=True)
begin("a again", run="a")
await end()`);
    expect(names).toEqual(['a', 'talk', 'a again']);
  });

  it('passes nobody over more often than eight times in a row', () => {
    const names = served(`
await enter("0")
begin("title", BACKGROUND)
for number in range(1, 12):
    begin(str(number), CONVERSATION)
    await settle()
    await end()`);
    expect(names.indexOf('title')).toBe(9);
  });

  it('serves one run after the other when each is back at once', () => {
    const names = served(`
async def run(name):
    for _ in range(3):
        await enter(name, run=name)
        await asyncio.sleep(0.001)
        ticket = next(one for one in queue.running if one.run == name)
        ticket.read = 0.2
        queue.leave(ticket, True)
        await asyncio.sleep(0.001)
await asyncio.gather(*(run(name) for name in "abc"))`);
    expect(names.join('')).toBe('aaabbbccc');
  });
});

describe('what is told of those who wait', () => {
  const told = (servers: string): unknown =>
    python(
      `import queue_state
from local_queue import Queue, Ticket
queue = Queue()
queue.slots, queue.waiting = 1, [Ticket(session="s", agent="Explore")]
print(json.dumps(queue_state.state_of({"http://10.0.0.5:1234": queue}, "http://10.0.0.4:1234", queue.waiting, queue.waiting[0].began + 7)))`,
      null,
      { LOCAL_SERVERS: servers },
    );
  const waiting = [{ session: 's', kind: 'conversation', agent: 'Explore', seconds: 7 }];
  it.each([
    ['there are several', 'http://10.0.0.4:1234,http://10.0.0.5:1234', '10.0.0.4:1234', '10.0.0.5:1234'],
    ['there is one', '', null, null],
  ])('names the server where %s', (_, servers, waking, server) => {
    expect(told(servers)).toEqual({
      servers: [{ server, slots: 1, running: 0, waiting }],
      waking: { server: waking, waiting },
    });
  });
});
