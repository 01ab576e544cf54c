/** The message of something that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The last line of what a program said. */
export function lastLine(said: string): string {
  return said.trim().split('\n').at(-1) ?? '';
}

/** Output of a program, without the lines that could quote a request, and without the ends of very long ones. */
export function withoutRequests(output: string): string {
  return output
    .split('\n')
    .map((line) => {
      if (quotesRequest.test(line)) return '(a line that quotes a request was left out)';
      return line.length > longest ? `${line.slice(0, longest)} (cut off)` : line;
    })
    .join('\n');
}

/** A body of the Messages API or of chat completions, as JSON or as Python writes it. */
const quotesRequest = /\\*["'](?:messages|content|prompt|system|input|text|tools|arguments|completion)\\*["']\s*:/i;
const longest = 500;
