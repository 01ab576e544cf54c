import { createSocket } from 'node:dgram';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { Wire } from './wire.ts';

/** One way in that the running LiteLLM has. */
export interface GatewayRoute {
  /** As it is routed, e.g. `/anthropic/{endpoint:path}`. */
  readonly path: string;
  /** `WEBSOCKET` for a socket; a mounted application takes any. */
  readonly method: string;
}

/** Loaded as a callback beside ours: at the first model call it writes the application's own route table to $ROUTE_TABLE. */
export const routeTableModule = `
import json, os
from fastapi.routing import APIWebSocketRoute, iter_route_contexts
from litellm.integrations.custom_logger import CustomLogger
from litellm.proxy.proxy_server import app
from starlette.routing import Mount, WebSocketRoute

def table():
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, (APIWebSocketRoute, WebSocketRoute)):
            yield route.path, ["WEBSOCKET"]
        elif isinstance(route.original_route, Mount):
            yield route.path + "/x", ["GET", "POST"]
        else:
            yield route.path, sorted(route.methods or ["GET", "POST"])

class RouteTable(CustomLogger):
    async def async_pre_call_hook(self, user_api_key_dict, cache, data, call_type):
        rows = [{"path": path, "method": method} for path, methods in table() for method in methods]
        with open(os.environ["ROUTE_TABLE"], "w") as file:
            json.dump(rows, file)
        return data

proxy_handler_instance = RouteTable()
`;

/** An address that this route takes. */
export function addressOf({ path }: GatewayRoute): string {
  return path.replace(/\{[^}]*:path\}/g, 'v1/messages').replace(/\{[^}]*\}/g, 'x');
}

/** What a route says to a request. A socket that is opened counts as 101. */
export async function knock(
  url: string,
  { path, method }: GatewayRoute,
  headers: Readonly<Record<string, string | string[]>>,
  body: string,
): Promise<number> {
  const socket = method === 'WEBSOCKET';
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const bodiless = socket || method === 'GET' || method === 'HEAD';
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, {
      method: socket ? 'GET' : method,
      agent: false,
      timeout: 120_000,
      headers: { ...headers, ...(socket ? upgrade : {}) },
    });
    asked.on('response', (answer) => {
      answer.resume();
      answer.on('error', reject).on('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('upgrade', (_, open) => {
      open.destroy();
      resolve(101);
    });
    asked.on('timeout', () => asked.destroy(new Error(`${method} ${path} gives no answer`)));
    asked.on('error', reject);
    asked.end(bodiless ? undefined : body);
  });
}

/** A name server that knows no name and writes down what it was asked: every attempt to reach a host outside the wire. */
export interface NameLog {
  readonly asked: string[];
  close(): Promise<void>;
}

/** Stands in for the wire's name server. `ip netns exec` shows the namespace a resolv.conf of its own; start programs later. */
export async function listenForNames({ outside, name }: Pick<Wire, 'outside' | 'name'>): Promise<NameLog> {
  const asked: string[] = [];
  const directory = `/etc/netns/${name}`;
  await mkdir(directory, { recursive: true });
  await writeFile(`${directory}/resolv.conf`, `nameserver ${outside}\n`);
  const server = createSocket('udp4', (query, from) => {
    asked.push(nameIn(query));
    // The same question, marked as an answer: no such name.
    const answer = Buffer.from(query);
    answer.writeUInt16BE(0x8183, 2);
    server.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).bind(53, outside, resolve);
  });
  return {
    asked,
    close: async () => {
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; (query[at] ?? 0) > 0; ) {
    const length = query[at] ?? 0;
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return labels.join('.');
}
