import { afterAll, expect, it } from 'vitest';
import { tellsOverflow } from '../../src/components/lm-studio/errors.ts';
import { startPython } from './python-call.ts';

const python = startPython();
afterAll(() => python.end());

const sizes = { prompt: '70000', window: '65536' };

it.each([
  [
    'The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 70000>= n_ctx: 65536).',
    sizes,
  ],
  [
    'Trying to keep the first 70000 tokens when context the overflows. However, the model is loaded\nwith context length of only 65536 tokens, which is not enough.',
    sizes,
  ],
  ['request (70000 tokens) exceeds the available context size (65536 tokens), try increasing it', sizes],
  ["This model's maximum context length is 65536 tokens. However, you requested 70000 tokens (69000 in", sizes],
  ["This model's maximum context length is 65536 tokens. However, your request has 70000 input tokens.", sizes],
  ['exceed_context_size_error', {}],
  ['Context window exceeded', {}],
  ['the model is out of memory', null],
  ['context canceled', null],
])('%s: understood alike by the gateway and by the installer', async (text, told) => {
  expect(await python.call('overflow_words', 'overflow_in', text)).toEqual(told);
  expect(tellsOverflow(text)).toBe(told !== null);
});
