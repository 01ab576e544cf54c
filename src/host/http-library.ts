// Imported when the first request is made. A package that is no ES module cannot be imported so itself: in a program of several parts it would have one name, `default`.
// Of undici what a request needs: all of it, with fetch, cookies and caches, takes three times as long to be read and makes Node read its own undici, too.
import type { Dispatcher } from 'undici';
import requestBy from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';

type Asked = Omit<Dispatcher.RequestOptions, 'origin' | 'path'>;

export { Agent };

/** One request by this agent, and its reply. */
export async function request(agent: Dispatcher, address: string, asked: Asked): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(address);
  return await requestBy.call(agent, { ...asked, origin, path: `${pathname}${search}` });
}
