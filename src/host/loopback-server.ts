import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to the server; nothing in it can be trusted. Bodies are not read. */
export interface ServedRequest {
  readonly method: string;
  /** As it was sent: with the query, and not decoded. */
  readonly target: string;
  readonly host: string;
}

export interface ServedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A browser opens six connections; anybody who opens more than this has something else in mind. */
const mostConnections = 64;

/**
 * Answers HTTP on 127.0.0.1 and nowhere else, until the program ends; gives the port, where 0 asked for any that is free.
 * Undefined where another program has the port; throws what else the system refuses. Every account of the machine can ask:
 * `reply` has to know whom it answers. Where it throws, the answer is 500 without a word.
 */
export async function serveOnLoopback(
  port: number,
  reply: (request: ServedRequest) => Promise<ServedReply>,
): Promise<number | undefined> {
  const server = createServer({ headersTimeout: 5000, requestTimeout: 10_000 }, (request, response) => {
    const { method = '', url = '', headers } = request;
    request.resume();
    reply({ method, target: url, host: headers.host ?? '' })
      .catch((): ServedReply => ({ status: 500, headers: {}, body: '' }))
      .then((answer) => response.writeHead(answer.status, answer.headers).end(answer.body))
      .catch(() => response.destroy());
  });
  server.maxConnections = mostConnections;
  const isListening = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  return isListening ? (server.address() as AddressInfo).port : undefined;
}
