import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';

/** A TCP port on 127.0.0.1 that no other paper machine is given while this one is held. */
export interface HeldPort {
  readonly port: number;
  release(): Promise<void>;
}

/**
 * Finds a free one. It has to stay closed until a gateway starts, so it cannot be held by listening: the UDP port of the
 * same number is taken instead, and all stay below the range from which the kernel serves others.
 */
export async function holdFreePort(): Promise<HeldPort> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const held = await bound(port);
    if (held === undefined) continue;
    if (await isFree(port))
      return { port, release: async () => await new Promise<void>((resolve) => held.close(resolve)) };
    held.close();
  }
  throw new Error('no free port was found between 20000 and 32000');
}

async function bound(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  return await new Promise((resolve) => {
    socket.once('error', () => resolve(undefined));
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(socket.unref()));
  });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
