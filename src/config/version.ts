/** Less than, equal to or greater than zero, as `left` is older than, the same as or newer than `right`. Numbers with dots. */
export function compareVersions(left: string, right: string): number {
  const numbers = (version: string): number[] => version.split('.').map(Number);
  const other = numbers(right);
  const differences = numbers(left).map((part, index) => part - (other[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** The first thing in a text that looks like a version: `2.1.330 (Claude Code)` gives 2.1.330. */
export function versionIn(text: string): string | undefined {
  return /\d+\.\d+\.\d+/.exec(text)?.[0];
}
