import type { OverflowWording } from './lm-studio-errors.ts';
import { type ListedModel, usualModels } from './lm-studio-models.ts';
import type { CommonSettings } from './stand-in.ts';

/** How the LM Studio of the stand-in is set up. Lengths are tokens, delays milliseconds. */
export interface LmStudioSettings extends CommonSettings {
  /** Which listings exist: all three, only the older two, or only ids. The Messages endpoint exists in `v1` only. */
  generation: 'v1' | 'v0' | 'openai';
  /** False: a 0.4.0, which has the new listing but no Messages endpoint yet. */
  messagesEndpoint: boolean;
  models: ListedModel[];
  /** "Just in time": a downloaded model is loaded by the first request that names it. */
  loadOnDemand: boolean;
  /** The context that a model gets when nobody says one. */
  defaultContext: number;
  /** What a load takes. */
  loadMilliseconds: number;
  /** Set: every load fails for this reason. */
  loadFailure: string | null;
  /** Not empty: authentication is on, and these are the tokens. */
  tokens: string[];
  /** False: the tokens may ask for answers, but may not load or unload. */
  tokensMayLoad: boolean;
  overflowWording: OverflowWording;
  /** Like Qwen's chat template: refuses system turns anywhere but at the beginning. */
  strictTemplate: boolean;
  /** Refuses blocks, roles and tools that it does not know, as the real Messages endpoint does. */
  strictContent: boolean;
  /** Makes one grammar of the tools' schemas and refuses what cannot be made into one. */
  grammar: boolean;
  /** Not null: whether the big model sees, whatever its listing says. */
  engineSees: boolean | null;
  /** Time to read the prompt: a fixed part, and a speed in tokens a second (0: no time). */
  prefillMilliseconds: number;
  prefillTokensPerSecond: number;
  /** What begins as one of the last prompts did is not read again. */
  prefixCache: boolean;
  /** While it reads: 0 says nothing, not even the header; otherwise pings at this interval after the first event. */
  pingMilliseconds: number;
  /** Between two pieces of a streamed answer. */
  pauseMilliseconds: number;
}

/** What a test may set when it makes the stand-in. `contextLength` is that of the big model. */
export type LmStudioOptions = Partial<LmStudioSettings> & { readonly contextLength?: number };

/** What a stand-in begins with: the usual models, no authentication, no faults, no delays. */
export function initialSettings({ contextLength, ...given }: LmStudioOptions): LmStudioSettings {
  return {
    faults: [],
    generation: 'v1',
    messagesEndpoint: true,
    models: usualModels(contextLength),
    loadOnDemand: true,
    defaultContext: 4096,
    loadMilliseconds: 0,
    loadFailure: null,
    tokens: [],
    tokensMayLoad: true,
    overflowWording: 'n_keep',
    strictTemplate: false,
    strictContent: true,
    grammar: true,
    engineSees: null,
    prefillMilliseconds: 0,
    prefillTokensPerSecond: 0,
    prefixCache: false,
    pingMilliseconds: 0,
    pauseMilliseconds: 0,
    ...given,
  };
}
