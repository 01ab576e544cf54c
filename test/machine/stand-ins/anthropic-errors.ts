import type { ErrorAnswer } from './exchange.ts';
import { id } from './messages-api.ts';

/** An error in the shape of the Claude API. */
export function claudeError(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ErrorAnswer {
  return { status, body: { type: 'error', error: { type, message }, request_id: id('req') }, headers };
}

/** Every error that the Claude API documents or was seen to give, by the name a fault or a key's trouble uses. */
export const CLAUDE_ERRORS: Readonly<Record<string, ErrorAnswer>> = {
  invalid_request: claudeError(400, 'invalid_request_error', 'The request is not valid'),
  credit: claudeError(
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  ),
  spend_limit: claudeError(
    400,
    'invalid_request_error',
    'You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.',
  ),
  authentication: claudeError(401, 'authentication_error', 'invalid x-api-key'),
  billing: claudeError(402, 'billing_error', 'There is an issue with your billing or payment information.'),
  permission: claudeError(
    403,
    'permission_error',
    'Your API key does not have permission to use the specified resource.',
  ),
  not_found: claudeError(404, 'not_found_error', 'model: claude-unknown'),
  conflict: claudeError(409, 'conflict_error', 'The request conflicts with the current state of the resource.'),
  request_too_large: claudeError(413, 'request_too_large', 'Request exceeds the maximum size'),
  rate_limit: claudeError(
    429,
    'rate_limit_error',
    "This request would exceed your organization's rate limit of 50,000 input tokens per minute.",
    {
      'retry-after': '2',
      'x-should-retry': 'true',
      'anthropic-ratelimit-input-tokens-limit': '50000',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-22T12:00:02Z',
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-22T12:00:02Z',
    },
  ),
  spend_cap: claudeError(429, 'rate_limit_error', 'This organization has reached the monthly spend limit of its tier.'),
  api: claudeError(500, 'api_error', 'Internal server error'),
  timeout: claudeError(504, 'timeout_error', 'The request timed out'),
  overloaded: claudeError(529, 'overloaded_error', 'Overloaded', { 'x-should-retry': 'true' }),
};
