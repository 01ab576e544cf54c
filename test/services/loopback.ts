import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createRawServer, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import type { HttpRequest, Probe } from '../../src/host/host.ts';
import { exchange } from '../../src/host/http-client.ts';
import { revealed } from '../../src/host/secret.ts';
import { type CommonSettings, listen, type StandIn } from '../machine/stand-ins/stand-in.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A stand-in on a free loopback port until the test ends. */
export async function serve<S extends CommonSettings>(standIn: StandIn<S>): Promise<string> {
  const listening = await listen(standIn);
  closing.push(() => listening.close());
  return listening.url;
}

/** What one path answers. */
export interface Canned {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that answers `METHOD /path` as told, and everything else with 404 and an error that no schema takes. */
export async function serveRoutes(routes: Readonly<Record<string, Canned>>): Promise<string> {
  return serveListener((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const { status = 200, body, headers = {} } = routes[`${request.method} ${path}`] ?? { status: 404, body: 'no' };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  });
}

export async function serveListener(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port where something speaks, but not HTTP. */
export async function serveRaw(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createRawServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The real client, with a note of every request: method, URL and the headers as they leave. */
export function recordingProbe(): Pick<Probe, 'http'> & { readonly sent: readonly string[] } {
  const sent: string[] = [];
  const note = (request: HttpRequest): void => {
    const headers = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${revealed(value)}`);
    sent.push([request.method ?? 'GET', new URL(request.url).pathname, ...headers].join(' '));
  };
  return {
    sent,
    http: (request) => {
      note(request);
      return exchange(request);
    },
  };
}
