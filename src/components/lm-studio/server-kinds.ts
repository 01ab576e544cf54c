import { shellWord } from '../../shell/word.ts';

/** Which program answers. `openai-compatible` speaks the common protocol and is none of those that we know. */
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
  /** Where it listens unless told otherwise. */
  readonly port?: number;
  /** How to give a model a window of so many tokens; `size` may be words. */
  readonly widen: (size: string, model?: string) => string;
  /** Where to see the window of the loaded model. */
  readonly shown: string;
  /** How to load one of its models with so many tokens. */
  readonly load: (model: string, tokens: number) => string;
  /** The line that gives a loaded instance, by its id, so many tokens; absent if there is none. */
  readonly reload?: (id: string, model: string, tokens: number) => string;
  /** How to give a model this id. */
  readonly rename: (id: string) => string;
  /** The setting for how many requests it answers at once. */
  readonly atOnce: string;
  /** How many that is by default. */
  readonly usualSlots?: number;
  /** Where its API token comes from, as a sentence. */
  readonly token: string;
  /** How to make it answer on the network, at this port. */
  readonly serve: (port: string) => string;
  /** How to get a model for it to list. */
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
    port: 1234,
    widen: (size) => `In LM Studio load the model with a context length of ${size} and save that as its default.`,
    shown: 'the loaded model\'s "Context Length"',
    load: (model, tokens) => `lms load ${shellWord(model)} -c ${tokens} -y`,
    reload: (id, model, tokens) => `lms unload ${shellWord(id)} && lms load ${shellWord(model)} -c ${tokens} -y`,
    rename: (id) => `lms load --identifier ${shellWord(id)}`,
    atOnce: 'Max Concurrent Predictions',
    usualSlots: 4,
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
    port: 11434,
    widen: (size, model) =>
      `Start Ollama with OLLAMA_CONTEXT_LENGTH=65536 in its environment (${size}), or set it in the app's settings, and reload the model:  ollama stop ${shellWord(model ?? 'MODEL')}`,
    shown: 'the CONTEXT that  ollama ps  prints',
    load: (model) => `ollama run ${shellWord(model)} ''`,
    rename: (id) => `ollama cp MODEL ${shellWord(id)}`,
    atOnce: 'OLLAMA_NUM_PARALLEL',
    usualSlots: 1,
    token: 'Whoever set up the proxy in front of Ollama has it; Ollama itself needs none.',
    serve: () => 'start Ollama with OLLAMA_HOST=0.0.0.0 in its environment',
    fetch: 'Fetch one there, e.g. with: ollama pull qwen3-coder',
    newer: 'Update Ollama to 0.14 or later.',
    log: "Ollama's log (journalctl -u ollama, or ~/.ollama/logs/server.log)",
    forTools: 'Choose a model that ollama.com lists under "tools".',
  },
  'llama.cpp': {
    server: 'the llama.cpp server',
    port: 8080,
    widen: (size) =>
      `Start llama-server with -c 65536 (${size}); where -np gives it several slots that share it, multiply that by their number.`,
    shown: 'the n_ctx of each slot that llama-server prints',
    load: (_model, tokens) => `start llama-server with the model and -c ${tokens}`,
    rename: (id) => `start llama-server with --alias ${shellWord(id)}`,
    atOnce: '--parallel',
    token: 'It is what llama-server was started with: --api-key.',
    serve: (port) => `start llama-server with --host 0.0.0.0 --port ${port}`,
    fetch: 'Start llama-server with a model, e.g. -hf ggml-org/gpt-oss-20b-GGUF --jinja',
    newer: 'Update llama.cpp to a build of 2026.',
    log: 'what llama-server prints',
    forTools: 'Choose a model whose chat template has tools, and start llama-server with --jinja.',
  },
  vllm: {
    server: 'the vLLM server',
    port: 8000,
    widen: (size) => `Start vllm serve with --max-model-len 65536 (${size}).`,
    shown: 'the max_model_len that vllm serve prints',
    load: (model, tokens) => `vllm serve ${shellWord(model)} --max-model-len ${tokens}`,
    rename: (id) => `start vllm serve with --served-model-name ${shellWord(id)}`,
    atOnce: '--max-num-seqs',
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
    shown: 'the context length of what is loaded',
    load: (model, tokens) => `load ${model} with ${tokens} tokens of context`,
    rename: (id) => `see how that server names a model ${id}`,
    atOnce: 'see how it was started',
    token: 'Look it up on that server.',
    serve: () => 'make that server listen on 0.0.0.0',
    fetch: 'Load a chat model on that server.',
    newer: 'Update that server to a version that has the Messages API (POST /v1/messages).',
    log: "that server's log",
    forTools: 'Choose a model that is trained for tool use.',
  },
};

/** Which server usually listens on this port; undefined if none that we know. */
export function usualKindAt(port: string): ServerKind | undefined {
  const kinds = Object.keys(kindWords) as ServerKind[];
  return kinds.find((kind) => String(kindWords[kind].port) === port);
}

/** Where to look for the address of a server of which nothing is known: `LM Studio 1234, …`. */
export const usualPortWords = Object.entries(kindWords)
  .flatMap(([kind, { port }]) => (port === undefined ? [] : [`${serverNames[kind as ServerKind]} ${port}`]))
  .join(', ');
