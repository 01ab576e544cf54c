import { distance } from 'fastest-levenshtein';

/** Twice the longest known one; comparing takes time with the length of both. */
const longestWord = 100;

/** The known word nearest to a mistyped one, if it is near enough to be meant. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  if (word.length > longestWord) return undefined;
  const [best] = known
    .map((candidate) => ({ candidate, away: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.away - b.away);
  return best !== undefined && best.away <= Math.max(2, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}

/** To be said after that there is no such word; nothing where none is near. */
export function didYouMean(word: string, known: readonly string[], dashes = ''): string {
  const nearest = nearestOf(word, known);
  return nearest === undefined ? '' : `; did you mean ${dashes}${nearest}?`;
}
