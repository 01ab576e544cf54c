import { isRecord } from './exchange.ts';
import type { LmStudioSettings } from './lm-studio-settings.ts';

/** Prompts that a stand-in has read, newest last. They go with its settings, of which each stand-in has its own. */
const prompts = new WeakMap<LmStudioSettings, string[]>();
const kept = 4;

/** Which part of a prompt has to be read: 1 for all of it, 0 for none. What begins as an earlier prompt did is known. */
export function unreadPart(settings: LmStudioSettings, body: unknown): number {
  if (!settings.prefixCache || !isRecord(body)) return 1;
  const text = JSON.stringify([body.system ?? '', body.tools ?? [], body.messages]);
  const earlier = prompts.get(settings) ?? [];
  const known = Math.max(0, ...earlier.map((other) => commonPrefix(text, other)));
  prompts.set(settings, [...earlier, text].slice(-kept));
  return 1 - known / text.length;
}

function commonPrefix(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  for (let at = 0; at < most; at += 1) if (one[at] !== other[at]) return at;
  return most;
}
