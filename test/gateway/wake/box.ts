import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { wakeScript } from '../../../src/components/gateway/wake.ts';
import type { Wire } from '../wire.ts';

const run = promisify(execFile);
const ip = async (...args: string[]) => await run('ip', args);

/** The network card of the box, and where it answers when it is up. */
export const BOX = { mac: '3c:7c:3f:12:ab:90', address: '10.80.0.20', url: 'http://10.80.0.20:1234' } as const;

/**
 * What goes on in the box: its card hears magic packets, as the real one does without any address, and tells each; a line on
 * standard input makes it listen, and what comes is handed to the stand-in outside.
 */
const inside = `
import socket, sys, threading
mac, host, port, path = sys.argv[1:]
pattern = b"\\xff" * 6 + bytes.fromhex(mac.replace(":", "")) * 16
card = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
card.bind(("lan", 0))
def hear():
    while True:
        frame = card.recv(2048)
        if pattern in frame:
            print(socket.inet_ntoa(frame[30:34]), flush=True)
def pump(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    for end in (one, other):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
def serve(listening):
    while True:
        client, _ = listening.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(path)
        for ends in ((client, server), (server, client)):
            threading.Thread(target=pump, args=ends, daemon=True).start()
threading.Thread(target=hear, daemon=True).start()
print("ready", flush=True)
for _ in sys.stdin:
    threading.Thread(target=serve, args=(socket.create_server((host, int(port)), backlog=64),), daemon=True).start()
`;

/** A machine that sleeps beside the gateway: a namespace of its own, on one wire with the gateway's. Needs root. */
export interface Box {
  /** Where each magic packet that its card heard was sent to, oldest first. */
  readonly packets: readonly string[];
  /** When its server began to listen, by `performance.now()`. */
  listensSince(): number;
  /** It gets up so many seconds after the next magic packet, and its server listens then; null: it never does. */
  wakesAfter(seconds: number | null): void;
  /** It gets up by itself. */
  getUp(): Promise<void>;
  /** It falls asleep: no address, no server. */
  fallAsleep(): Promise<void>;
  close(): Promise<void>;
}

let made = 9000;

/** Lays the box beside a gateway; `handle` answers what its server is asked. */
export async function layBox(wire: Wire, handle: RequestListener): Promise<Box> {
  const name = `gw${process.pid}x${made++}`;
  const path = `${tmpdir()}/${name}.sock`;
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await ip('netns', 'add', name);
  await ip('-n', name, 'link', 'set', 'lo', 'up');
  await ip('link', 'add', 'lan', 'netns', wire.name, 'type', 'veth', 'peer', 'name', 'lan', 'netns', name);
  await ip('-n', name, 'link', 'set', 'lan', 'address', BOX.mac, 'up');
  await ip('-n', wire.name, 'address', 'add', '10.80.0.1/24', 'dev', 'lan');
  await ip('-n', wire.name, 'link', 'set', 'lan', 'up');
  const packets: string[] = [];
  let after: number | null = null;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let listensSince = Number.NaN;
  const getUp = async (): Promise<void> => {
    await ip('-n', name, 'address', 'add', `${BOX.address}/24`, 'dev', 'lan');
    child?.stdin?.write('listen\n');
    listensSince = performance.now();
  };
  const begin = async (): Promise<void> => {
    const args = [name, 'python3', '-c', inside, BOX.mac, BOX.address, new URL(BOX.url).port, path];
    const begun = spawn('ip', ['netns', 'exec', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    child = begun;
    await new Promise<void>((resolve) => {
      createInterface(begun.stdout).on('line', (line) => {
        if (line === 'ready') return resolve();
        packets.push(line);
        if (after === null || timer !== undefined) return;
        timer = setTimeout(getUp, after * 1000);
      });
    });
  };
  const end = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child?.kill('SIGKILL');
    await ended;
    server.closeAllConnections();
  };
  await begin();
  return {
    packets,
    listensSince: () => listensSince,
    wakesAfter: (seconds) => {
      after = seconds;
    },
    getUp,
    fallAsleep: async () => {
      await end();
      await ip('-n', name, 'address', 'flush', 'dev', 'lan');
      await ip('-n', wire.name, 'neighbour', 'flush', 'dev', 'lan');
      packets.length = 0;
      await begin();
    },
    close: async () => {
      await end();
      server.close();
      await ip('netns', 'del', name);
    },
  };
}

/** In the place of the user's systemd: runs what wakes, in the gateway's network, whenever the gateway writes a wake-up request. */
export function watchForWakeRequests(
  wire: Wire,
  requestLogDir: string,
): { readonly wakeRequests: () => number; stop(): void } {
  let [seen, wakeRequests, stopped] = [0, 0, false];
  const watch = async (): Promise<void> => {
    for (; !stopped; await sleep(50)) {
      const changed = (await stat(`${requestLogDir}/wake`).catch(() => undefined))?.mtimeMs ?? 0;
      if (changed === seen) continue;
      [seen, wakeRequests] = [changed, wakeRequests + 1];
      const [file, args] = wire.command('python3', ['-c', wakeScript(BOX.url, BOX.mac)]);
      // Who stops takes the network away.
      await run(file, [...args]).catch((error: unknown) => {
        if (!stopped) throw error;
      });
    }
  };
  void watch();
  return {
    wakeRequests: () => wakeRequests,
    stop: () => {
      stopped = true;
    },
  };
}
