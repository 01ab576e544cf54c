import { expect } from 'vitest';
import { openWorld, type World } from './world.ts';

export const names = ['box-1', 'box-2'] as const;
export type Name = (typeof names)[number];

/** The account that each is to work for. */
export const users: Readonly<Record<Name, string>> = { 'box-1': 'claude', 'box-2': 'coder' };

/** Where the released program is fetched from. */
export const DOWNLOADS = 'downloads.example.net';

/** Two bare machines that have only root, each in a world of its own. */
export interface TwoBoxes {
  readonly worlds: Readonly<Record<Name, World>>;
  /** Runs a command as root that has to succeed; returns what it printed. */
  asRoot(name: Name, command: string, input?: string): Promise<string>;
  /** The same as the account that it works for. */
  asUser(name: Name, command: string): Promise<string>;
  close(): Promise<void>;
}

export async function openTwoBoxes(): Promise<TwoBoxes> {
  const open = async (hostname: Name) =>
    await openWorld({ user: null, hostname, say: (line) => console.log(`${hostname}: ${line}`) });
  const worlds = { 'box-1': await open('box-1'), 'box-2': await open('box-2') };
  const asRoot: TwoBoxes['asRoot'] = async (name, command, input = '') => {
    const result = await worlds[name].machine.onHost(command, { timeoutMs: 1_200_000, input });
    expect(result, command).toMatchObject({ exitCode: 0 });
    return result.stdout.trim();
  };
  return {
    worlds,
    asRoot,
    asUser: async (name, command) => await asRoot(name, `su - ${users[name]} -c '${command}'`),
    close: async () => {
      for (const world of Object.values(worlds)) await world.close();
    },
  };
}

/** What `status` says of one. */
export async function statusOf({ asUser }: TwoBoxes, name: Name): Promise<unknown> {
  return JSON.parse((await asUser(name, 'claude-routing-install status --json')).split('\n').at(-1) ?? '');
}

/** That the first one works with its cloud, and the second one with its local model on another port. */
export async function expectEachAsAnswered(boxes: TwoBoxes): Promise<void> {
  const proven = { asWanted: true, proven: { at: expect.any(String) } };
  expect(await statusOf(boxes, 'box-1')).toMatchObject({
    ...proven,
    gateway: { url: 'http://127.0.0.1:4000' },
    routing: { profile: 'cloud-foreground' },
  });
  expect(await statusOf(boxes, 'box-2')).toMatchObject({
    ...proven,
    gateway: { url: 'http://127.0.0.1:4100' },
    routing: { profile: 'local-first' },
  });
  expect(await boxes.asUser('box-1', 'claude-routed -p "say hi"')).toMatch(/on the Claude API/);
  expect(await boxes.asUser('box-2', 'claude-routed -p "say hi"')).toMatch(/on LM Studio/);
}
