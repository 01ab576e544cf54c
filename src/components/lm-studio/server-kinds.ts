import { shellWord } from '../../shell/word.ts';

/** Which program answers. `openai-compatible` speaks the common protocol and is none that we know. */
export type ServerKind = 'lm-studio' | 'ollama' | 'llama.cpp' | 'vllm' | 'openai-compatible';

/** Names for people. */
export const serverNames: Readonly<Record<ServerKind, string>> = {
  'lm-studio': 'LM Studio',
  ollama: 'Ollama',
  'llama.cpp': 'llama.cpp',
  vllm: 'vLLM',
  'openai-compatible': 'An OpenAI-compatible server',
};

/** What a person does on a server's machine, in that server's own words. Each completes a sentence of its own. */
export interface KindWords {
  /** In a sentence. */
  readonly server: string;
  /** How a model gets a window of so many tokens; `size` may be words. */
  readonly widen: (size: string, model?: string) => string;
  /** Where its API token comes from, as a sentence. */
  readonly token: string;
  /** How it is made to answer on the network, at this port. */
  readonly serve: (port: string) => string;
  /** How it gets a model to list. */
  readonly fetch: string;
  /** From which version on it has the Messages API. */
  readonly newer: string;
  readonly log: string;
  /** What to do where a model calls no tools. */
  readonly forTools: string;
}

/**
 * LM Studio's documentation; Ollama's pages on context length, its FAQ and on Anthropic compatibility (0.14.0); llama.cpp's
 * tools/server/README.md; vLLM 0.33's `vllm serve --help` and its entrypoints/anthropic.
 */
export const kindWords: Readonly<Record<ServerKind, KindWords>> = {
  'lm-studio': {
    server: 'LM Studio',
    widen: (size) => `In LM Studio load the model with a context length of ${size} and save that as its default.`,
    token:
      'Create one in LM Studio (Developer > Server Settings > Manage Tokens) and give it here, or turn "Require Authentication" off.',
    serve: (port) =>
      `lms server start --bind 0.0.0.0 --port ${port}   or in LM Studio: Developer, "Serve on Local Network"`,
    fetch: 'Download one in LM Studio, e.g. with: lms get qwen3',
    newer: 'Update LM Studio to 0.4.15 or later.',
    log: "LM Studio's Developer tab",
    forTools: 'Choose a model that LM Studio marks as trained for tool use.',
  },
  ollama: {
    server: 'Ollama',
    widen: (size, model) =>
      `Start Ollama with OLLAMA_CONTEXT_LENGTH=65536 in its environment (${size}), or set it in the app's settings, and load the model anew:  ollama stop ${shellWord(model ?? 'MODEL')}`,
    token: 'Whoever set up the proxy in front of Ollama has it; Ollama itself wants none.',
    serve: () => 'start Ollama with OLLAMA_HOST=0.0.0.0 in its environment',
    fetch: 'Fetch one there, e.g. with: ollama pull qwen3-coder',
    newer: 'Update Ollama to 0.14 or later.',
    log: "Ollama's log (journalctl -u ollama, or ~/.ollama/logs/server.log)",
    forTools: 'Choose a model that ollama.com lists under "tools".',
  },
  'llama.cpp': {
    server: 'the llama.cpp server',
    widen: (size) =>
      `Start llama-server with -c 65536 (${size}); where -np gives it several slots that share it, with so many times that.`,
    token: 'It is what llama-server was started with: --api-key.',
    serve: (port) => `start llama-server with --host 0.0.0.0 --port ${port}`,
    fetch: 'Start llama-server with a model, e.g. -hf ggml-org/gpt-oss-20b-GGUF --jinja',
    newer: 'Update llama.cpp to a build of 2026.',
    log: 'what llama-server prints',
    forTools: 'Choose a model whose chat template has tools, and start llama-server with --jinja.',
  },
  vllm: {
    server: 'the vLLM server',
    widen: (size) => `Start vllm serve with --max-model-len 65536 (${size}).`,
    token: 'It is what vllm serve was started with: --api-key.',
    serve: (port) => `start vllm serve with --host 0.0.0.0 --port ${port}`,
    fetch: 'Start vllm serve with a model that can hold a conversation.',
    newer: 'Update vLLM to a version of 2026.',
    log: 'what vllm serve prints',
    forTools:
      'Start vllm serve with --enable-auto-tool-choice and the --tool-call-parser of the model, or choose another model.',
  },
  'openai-compatible': {
    server: 'the server',
    widen: (size) => `Load the model with a context length of ${size} on that server.`,
    token: 'Look it up on that server.',
    serve: () => 'make that server listen on 0.0.0.0',
    fetch: 'Load a chat model on that server.',
    newer: 'Update that server to a version that has the Messages API (POST /v1/messages).',
    log: "that server's log",
    forTools: 'Choose a model that is trained for tool use.',
  },
};
