import type { Fault } from '../machine/stand-ins/fault.ts';
import type { GatewayConfig } from './scene.ts';

/** LM Studio takes the request and never says a word. */
export const endless: Fault = { on: 'generation', does: 'silence' };

/** What may go wrong before LM Studio's first word, streamed or not. */
export const faultsBeforeTheAnswer: readonly (readonly [string, Fault])[] = [
  ['500', { on: 'generation', does: 'status', status: 500 }],
  ['503', { on: 'generation', does: 'status', status: 503 }],
  ['429', { on: 'generation', does: 'status', status: 429 }],
  ['401', { on: 'generation', does: 'status', status: 401 }],
  ['404', { on: 'generation', does: 'status', status: 404 }],
  ['a cut connection', { on: 'generation', does: 'disconnect' }],
  ['JSON that ends too early', { on: 'generation', does: 'malformed' }],
  ['a web page', { on: 'generation', does: 'html' }],
  ['an empty body', { on: 'generation', does: 'empty' }],
  ['silence', endless],
];

/** Waits two seconds for LM Studio where the shipped configuration waits 25 minutes and more. */
export function impatient({ model_list }: GatewayConfig): void {
  const local = model_list.filter(({ litellm_params }) => String(litellm_params.model).startsWith('lm_studio/'));
  for (const { litellm_params } of local) Object.assign(litellm_params, { timeout: 2, stream_timeout: 2 });
}
