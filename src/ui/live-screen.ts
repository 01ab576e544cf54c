import stringWidth from 'fast-string-width';

/** Draws lines in place of the previous ones; only what changed is sent, for slow connections. */
export interface LiveScreen {
  draw(lines: readonly string[]): void;
}

/**
 * The cursor stays visible, and nothing is switched on that would have to be switched off: whatever ends the program, the
 * terminal is as it was, with the last picture on it.
 */
export function createLiveScreen(output: NodeJS.WriteStream): LiveScreen {
  const update = import('./late/log-update.ts').then(({ createLogUpdate }) =>
    createLogUpdate(output, { showCursor: true }),
  );
  return {
    draw: (lines) =>
      // The last row is where the cursor stands.
      void update.then((draw) => draw(lines.slice(0, output.rows - 1).join('\n'))),
  };
}

/** The text as far as it fits into so many columns: whole parts of it, between two blanks, and where not even the first fits, that cut. */
export function cutTo(text: string, columns: number): string {
  const parts = text.split(/(?= {2}\S)/);
  while (parts.length > 1 && stringWidth(parts.join('').trimEnd()) > columns) parts.pop();
  return cutWithin(parts.join('').trimEnd(), columns);
}

/** What is cut ends in an ellipsis. */
function cutWithin(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  let taken = 0;
  for (const character of text) {
    taken += stringWidth(character);
    if (taken > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
