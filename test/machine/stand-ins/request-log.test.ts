import { expect, it } from 'vitest';
import { anthropic } from './anthropic.ts';
import { listen } from './stand-in.ts';

it('the log of a stand-in keeps no credential, whatever header it came in', async () => {
  const standIn = anthropic();
  const listening = await listen(standIn);
  const secret = 'canary-4711';
  const headers = { authorization: `Bearer ${secret}`, 'x-api-key': secret, 'api-key': secret, cookie: `a=${secret}` };
  await fetch(listening.url, { headers: { ...headers, 'proxy-authorization': secret } }).finally(listening.close);
  expect(standIn.requests[0]?.credentials).toHaveLength(5);
  expect(JSON.stringify(standIn.requests)).not.toContain(secret);
});
