import type { ErrorAnswer } from './exchange.ts';

/** The three ways in which LM Studio's engines have said that a prompt is longer than the loaded context. */
export type OverflowWording = 'n_keep' | 'overflows' | 'exceed_context_size';

/** What a prompt that does not fit is answered with. The first two wordings carry the error as a string, the third as an object. */
export function overflowError(wording: OverflowWording, promptTokens: number, context: number): ErrorAnswer {
  switch (wording) {
    case 'n_keep':
      return badRequest(
        `The number of tokens to keep from the initial prompt is greater than the context length (n_keep: ${promptTokens}>= n_ctx: ${context}). Try to load the model with a larger context length, or provide a shorter input.`,
      );
    case 'overflows':
      return badRequest(
        `Trying to keep the first ${promptTokens} tokens when context the overflows. However, the model is loaded with context length of only ${context} tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input`,
      );
    case 'exceed_context_size':
      return badRequest({
        code: 400,
        message: `request (${promptTokens} tokens) exceeds the available context size (${context} tokens), try increasing it`,
        type: 'exceed_context_size_error',
        n_prompt_tokens: promptTokens,
        n_ctx: context,
      });
  }
}

/** 200, as LM Studio answers every path that it does not have. */
export function unexpectedEndpoint(method: string, path: string): ErrorAnswer {
  return { status: 200, body: { error: `Unexpected endpoint or method. (${method} ${path})` } };
}

/** Seen with Qwen's template on the Messages endpoint: lmstudio-bug-tracker #1999, LM Studio 0.4.15. */
export function templateRefusal(messagesApi: boolean): ErrorAnswer {
  const engine = {
    code: 400,
    message:
      "Unable to generate parser for this template. Automatic parser generation failed: \n------------\nWhile executing CallExpression at line 85, column 32 in source:\n...first %}↵            {{- raise_exception('System message must be at the beginnin...\n                                           ^\nError: Jinja Exception: System message must be at the beginning.",
    type: 'invalid_request_error',
  };
  if (!messagesApi) return badRequest(engine);
  return badRequest(
    {
      type: 'api_error',
      message: `Engine protocol predict request returned 400: ${JSON.stringify({ error: engine })}`,
    },
    { type: 'error' },
  );
}

/** No credential where one is required. */
export function tokenRequired(): ErrorAnswer {
  return unauthorized(
    "An LM Studio API token is required to make requests to this server, but none was provided using the Authorization header using the 'Bearer' scheme (i.e., 'Authorization: Bearer $LM_API_TOKEN'). Learn more at: https://lmstudio.ai/docs/developer/core/authentication.",
  );
}

/** A credential that does not look like a token. The beginning of it is in the text, as the real server does. */
export function tokenMalformed(token: string): ErrorAnswer {
  return unauthorized(`Malformed LM Studio API token provided: ${token.slice(0, 10)}…`);
}

/** A credential that looks like a token and is not one of the server's. The wording is assumed. */
export function tokenUnknown(token: string): ErrorAnswer {
  return unauthorized(`Invalid LM Studio API token provided: ${token.slice(0, 10)}…`);
}

/** A valid token without the permission to load and unload. The wording is assumed. */
export function tokenMayNotLoad(): ErrorAnswer {
  return {
    status: 403,
    body: {
      error: {
        type: 'invalid_request',
        code: 'insufficient_permissions',
        message: 'The provided LM Studio API token does not have the permission to load or unload models.',
      },
    },
  };
}

/** Nothing is in memory and nothing may be loaded on demand: lmstudio-bug-tracker #1730. */
export function noModelsLoaded(): ErrorAnswer {
  return modelNotFound("No models loaded. Please load a model in the developer page or use the 'lms load' command.");
}

/** Neither loaded nor downloaded. */
export function unknownModel(name: string, models: readonly { readonly key: string }[]): ErrorAnswer {
  const example = models[0]?.key ?? 'none';
  return modelNotFound(
    `Invalid model identifier "${name}". Please specify a valid downloaded model (e.g. ${example}).`,
  );
}

/** The model could not be brought into memory. */
export function loadFailed(reason: string): ErrorAnswer {
  return { status: 500, body: { error: { type: 'model_load_failed', message: `Failed to load model: ${reason}` } } };
}

/** A request body that misses something. */
export function invalidRequest(message: string): ErrorAnswer {
  return badRequest({ type: 'invalid_request', message });
}

function modelNotFound(message: string): ErrorAnswer {
  const error = { message, type: 'invalid_request_error', param: 'model', code: 'model_not_found' };
  return { status: 404, body: { error } };
}

/** 400, with this error in LM Studio's envelope. */
export function badRequest(error: unknown, around: object = {}): ErrorAnswer {
  return { status: 400, body: { ...around, error } };
}

function unauthorized(message: string): ErrorAnswer {
  return { status: 401, body: { error: { type: 'invalid_request', code: 'invalid_api_key', message } } };
}
