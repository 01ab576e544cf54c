/** What something says that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The last line of what a program said. */
export function lastLine(said: string): string {
  return said.trim().split('\n').at(-1) ?? '';
}
