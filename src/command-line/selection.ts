import { knownWord } from './usage-problems.ts';

/** What --only and --skip name, by id. */
export interface Selection {
  /** All when it is empty. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** What they leave, in its order. An unknown name is refused, with the nearest known one. */
export function selected<Thing extends { readonly id: string }>(
  kind: string,
  things: readonly Thing[],
  { only, skip }: Selection,
): readonly Thing[] {
  const known = things.map(({ id }) => id);
  for (const id of [...only, ...skip]) knownWord(kind, id, known);
  return things.filter(({ id }) => (only.length === 0 || only.includes(id)) && !skip.includes(id));
}
