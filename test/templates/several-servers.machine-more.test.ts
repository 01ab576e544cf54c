import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { engine } from './engine.ts';
import {
  answeredBy,
  type Balancing,
  Conversation,
  reusedPercent,
  setTwoServers,
  type Turn,
} from './several-servers.ts';

const TURNS = 5;
const letters = ['a', 'b', 'c', 'd'];

/** All conversations in turn; the first turns, in which everything is new, are left out. */
async function grown(balancing: Balancing): Promise<readonly Turn[]> {
  const two = await setTwoServers(await engine(), balancing);
  try {
    const conversations = letters.map((letter) => new Conversation(letter));
    const turns: Turn[] = [];
    for (let number = 0; number < TURNS; number += 1)
      for (const conversation of conversations) {
        const turn = await conversation.turn(two.scene);
        expect(turn.reply.status, turn.reply.body).toBe(200);
        if (number > 0) turns.push(turn);
      }
    return turns;
  } finally {
    await two.close();
  }
}

describe('two real servers, four conversations of five turns, one slot each', () => {
  it('how much of the prompts had been read before, by who decides', async () => {
    const share: Record<string, number> = {};
    for (const balancing of ['ours', 'shuffle', 'session_affinity'] as const) {
      share[balancing] = reusedPercent(await grown(balancing));
      console.log(`${balancing}: ${share[balancing]} % re-used`);
    }
    expect(share['ours']).toBeGreaterThan(share['shuffle'] ?? 100);
  });

  it('one is killed in the middle of a turn: its conversations move, no answer fails, and they go home again', async () => {
    const two = await setTwoServers(await engine(), 'ours');
    try {
      const conversations = letters.map((letter) => new Conversation(letter));
      const round = async (): Promise<readonly Turn[]> => {
        const turns: Turn[] = [];
        for (const conversation of conversations) turns.push(await conversation.turn(two.scene));
        expect(turns.map(({ reply }) => reply.error ?? reply.status)).toEqual(letters.map(() => 200));
        return turns;
      };
      await round();
      await round();
      const home = (await answeredBy(two.scene)).slice(-letters.length);
      const dying = conversations.find((_, index) => home[index] === home[0]) as Conversation;
      const which = home[0]?.startsWith(two.scene.wire.separate) ? 'first' : 'second';
      const cut = dying.turn(two.scene, { stream: true });
      await sleep(60);
      await two.servers[which].stop();
      expect((await cut).reply).toMatchObject({ status: 200, error: undefined });
      const moved = await round();
      const others = (await answeredBy(two.scene)).slice(-letters.length);
      expect(new Set(others)).toEqual(new Set(home.filter((server) => server !== home[0])));
      await two.start(which);
      await sleep(31_000);
      const back = await round();
      expect((await answeredBy(two.scene)).slice(-letters.length)).toEqual(home);
      console.log(
        `homes ${home.join(' ')}; while one is down ${others.join(' ')}; re-used ${reusedPercent(moved)} %, then at home ${reusedPercent(back)} %`,
      );
    } finally {
      await two.close();
    }
  });
});
