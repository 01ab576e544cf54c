import { backendOfId } from '../../../src/components/gateway/models.ts';
import { type LoggedRequest, RequestReader, type Skipped } from '../../../src/components/gateway/request-log.ts';
import { type Day, type Usage, UsageTally } from '../../../src/usage/request-usage.ts';

/** What a text of the request log holds, from a moment on. */
export function readRequestLog(text: string, from = 0): Skipped & { readonly requests: readonly LoggedRequest[] } {
  const requests: LoggedRequest[] = [];
  const reader = new RequestReader(from, (request) => requests.push(request));
  for (const line of text.split('\n')) reader.take(line);
  return { requests, ...reader.skipped };
}

/** What these requests came to within the days. */
export function usageOf(requests: readonly LoggedRequest[], days: readonly Day[]): Usage {
  const tally = new UsageTally(days, backendOfId);
  for (const request of requests) tally.add(request);
  return tally.usage();
}
