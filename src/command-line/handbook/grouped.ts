/** Keys with the same value, together, in the order in which their first one came. */
export function grouped<Key>(
  pairs: readonly (readonly [Key, string])[],
): readonly (readonly [readonly Key[], string])[] {
  const found = new Map<string, Key[]>();
  for (const [key, value] of pairs) found.set(value, [...(found.get(value) ?? []), key]);
  return [...found].map(([value, keys]) => [keys, value] as const);
}
