import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInstalledWorld } from './installed-world.ts';
import { INSIDE } from './lab/wire.ts';
import { PROGRAM, type World } from './world.ts';

/** Prints where each of the first two magic packets for this address is sent to by the machine, within a minute. */
const hear = (mac: string) => `
import socket
pattern = b"\\xff" * 6 + bytes.fromhex("${mac}".replace(":", "")) * 16
card = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
card.bind(("eth0", 0))
card.settimeout(60)
heard = 0
while heard < 2:
    frame = card.recv(2048)
    if pattern in frame:
        heard += 1
        print(socket.inet_ntoa(frame[30:34]), flush=True)
`;

const ask = `bash -c '. ~/.config/claude-secrets.env; curl -s -m 100 http://127.0.0.1:4000/v1/messages -H "authorization: Bearer $LITELLM_MASTER_KEY" \
  -H "content-type: application/json" -d @-'`;
const question = { model: 'anthropic-local', max_tokens: 16, messages: [{ role: 'user', content: 'hello' }] };

let world: World;
let mac: string;

beforeAll(async () => {
  world = await openInstalledWorld();
  await run(`curl -s -m 5 http://${INSIDE.lmStudio}:1234/v1/models`);
  mac = /lladdr (\S+)/.exec(await run(`ip neigh show ${INSIDE.lmStudio}`))?.[1] ?? '';
});
afterAll(() => world?.close());

const run: World['machine']['run'] = async (...words) => await world.machine.run(...words);

/** The codes of what doctor finds about waking. */
async function findings(): Promise<readonly string[]> {
  const { stdout } = await world.machine.ssh(`bash -lc '${PROGRAM} doctor --json --only wake'`, { timeoutMs: 120_000 });
  return [...stdout.matchAll(/"code": ?"(wake-[a-z-]+)"/g)].map(([, code]) => code ?? '');
}

describe('a machine that wakes its model’s box', () => {
  it('is told by doctor when the network card is another one', async () => {
    const others = '--set localModel.wake.mac=02:00:00:00:00:99 --set localModel.wake.patience=60';
    expect(await world.install(`--yes ${others}`)).toMatchObject({ exitCode: 0 });
    expect(await findings()).toEqual(['wake-address-differs']);
    expect(await world.install(`--yes --set localModel.wake.mac=${mac}`)).toMatchObject({ exitCode: 0 });
    expect(await findings()).toEqual([]);
  });

  it('sends the packet when the gateway in its container asks, and the request is answered', async () => {
    const hearing = world.machine.ssh('python3 -', { user: 'root', timeoutMs: 90_000, input: hear(mac) });
    await world.lab.faults.powerOff();
    const began = performance.now();
    const asking = run(ask, { input: JSON.stringify(question) });
    const { stdout } = await hearing;
    const heard = performance.now() - began;
    await sleep(5000);
    await world.lab.faults.heal();
    const answer = await asking;
    console.log(`packet after ${heard.toFixed(0)} ms, answer after ${(performance.now() - began).toFixed(0)} ms`);
    expect(stdout.trim().split('\n')).toEqual(['10.77.0.255', '255.255.255.255']);
    expect(answer).toContain('on LM Studio');
    expect(await run('tail -n 1 ~/.local/state/claude-routing/requests/*.jsonl')).toMatch(/"wokeMs":\d+/);
  });

  it('is told and fixed when nobody listens for the gateway', async () => {
    await run('systemctl --user stop claude-routing-wake.path');
    expect(await findings()).toEqual(['wake-unit-off']);
    expect(await run(`bash -lc '${PROGRAM} status' || true`)).toMatch(/its machine +\S+ is not woken/);
    await run(`bash -lc '${PROGRAM} doctor --fix --yes --only wake'`);
    expect(await findings()).toEqual([]);
    expect(await run(`bash -lc '${PROGRAM} status'`)).toMatch(/its machine +\S+ is woken when it is silent/);
  });
});
