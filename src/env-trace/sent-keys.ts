import type { VariableSource } from '../checks/variable-source.ts';
import { type Credential, credentials, loginOf } from './client-settings/client-rules.ts';
import { explain, type Start, type Starter } from './why.ts';

/** The places of the keys that a request carries in its two headers. */
export interface SentKeys {
  readonly starter: Starter;
  readonly authorization: VariableSource | undefined;
  readonly apiKey: VariableSource | undefined;
}

/** Which keys are sent when Claude Code is started so. */
export function sentKeys(start: Start): SentKeys {
  const winners = new Map<string, VariableSource>();
  for (const name of credentials) {
    const { winner } = explain(name, start);
    if (winner !== undefined && winner.value.reveal() !== '') winners.set(name, winner);
  }
  const login = loginOf(new Set(winners.keys()));
  const placeOf = (name: Credential | undefined) => (name === undefined ? undefined : winners.get(name));
  return { starter: start.starter, authorization: placeOf(login.authorization), apiKey: placeOf(login.apiKey) };
}
