import type { SentKeys } from './sent-keys.ts';
import { shownValue } from './source-words.ts';
import type { UnreadablePlace, VariableSource } from './variable-source.ts';
import type { Explanation } from './why.ts';

/** The same as the lines for people, for programs; keys as fingerprints. */
export function whyRecord(
  cwd: string,
  explained: readonly (readonly Explanation[])[],
  sent: readonly SentKeys[],
  unreadable: readonly UnreadablePlace[],
): object {
  return {
    cwd,
    variables: explained.map((all) => ({
      name: all[0]?.name,
      starts: all.map(({ starter, winner, passed }) => ({
        starter,
        winner: winner === undefined ? null : placeRecord(winner),
        passed: passed.map(({ place, reason }) => ({ ...placeRecord(place), reason })),
      })),
    })),
    sends: sent.map(({ starter, authorization, apiKey }) => ({
      starter,
      authorization: authorization === undefined ? null : placeRecord(authorization),
      apiKey: apiKey === undefined ? null : placeRecord(apiKey),
    })),
    unreadable,
  };
}

function placeRecord(place: VariableSource): object {
  const { value: _, ...shown } = place;
  return { ...shown, value: shownValue(place) };
}
