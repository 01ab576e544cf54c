import template from '../../../templates/launchers/launcher-window.bash?raw';
import { secretVariables } from '../../config/secrets.ts';
import { shellWord } from '../../shell/word.ts';
import type { Route } from '../gateway/routing/profiles.ts';
import { isAllLocal } from './environment.ts';

/** A launcher, and the local model that it may ask. */
export interface LocalSession {
  readonly name: string;
  readonly route: Route;
  readonly server: { readonly addresses: readonly string[]; readonly model: string };
  /** Tokens that were loaded when it was installed. */
  readonly contextWindow: number | undefined;
}

/**
 * Bash that asks the local server how many tokens the model is loaded with now and declares them. It costs 0.3 s at the most for each server;
 * without an answer the number of the installation stays. Only where the local model does everything does it say a word,
 * and only to a terminal.
 */
export function windowText({ name, route, server, contextWindow }: LocalSession): string {
  const words: Readonly<Record<string, string>> = {
    name,
    window: shellWord(contextWindow === undefined ? '' : String(contextWindow)),
    tokenVariable: secretVariables.localModelToken,
    addresses: server.addresses.map(shellWord).join(' '),
    model: shellWord(server.model),
    notes: isAllLocal(route) ? 'yes' : "''",
    silent: shellWord(`the local model does not answer at ${server.addresses.join(' or ')}; ${silence(route)}`),
    unloaded: shellWord(`${server.model} is not loaded; the first request may have to wait for it`),
    alsoDeclared: isAllLocal(route) ? ` ${outputTokens}` : '',
  };
  return template.replace(/\{\{(\w+)\}\}/g, (_, slot: string) => words[slot] ?? '');
}

function silence({ localOnly }: Route): string {
  return localOnly
    ? 'until it does, every request fails'
    : 'until it does, requests go to the cloud, which costs money';
}

/** What `outputLimit` says, in bash. */
const outputTokens = `CLAUDE_CODE_MAX_OUTPUT_TOKENS="$((window < 8192 ? 1024 : window < 65536 ? window / 8 : 8192))"`;
