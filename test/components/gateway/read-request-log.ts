import { backendOfId } from '../../../src/components/gateway/models.ts';
import { type LoggedRequest, RequestReader, type Skipped } from '../../../src/components/gateway/request-log.ts';
import { UsageTally } from '../../../src/usage/request-usage.ts';
import type { Day, Usage } from '../../../src/usage/usage.ts';

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

/** What the gateway writes of a local answer. */
const written = {
  ...{ v: 1, at: '2026-11-23T12:00:00.000Z', launcher: 'claude-local', session: null, asked: 'local' },
  ...{ answered: 'lm-studio:local', from: null, cause: null, status: 200, streamed: true, tools: 6, firstMs: 812 },
  ...{ ms: 1903, promptTokens: 4711, cachedTokens: 0, outputTokens: 57, cost: 0 },
};

/** A line of the log for that, and what is different about it. */
export function loggedLine(more: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ ...written, ...more })}\n`;
}

/** The same as it is read. */
export function loggedRequest(more: Readonly<Record<string, unknown>> = {}): LoggedRequest {
  const [request] = readRequestLog(loggedLine(more)).requests;
  if (request === undefined) throw new Error('that is no request');
  return request;
}
