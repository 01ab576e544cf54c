/**
 * What a person would see of the text that a program writes to a terminal of so many columns: the few control sequences that
 * the wizard uses, and an error for any other. Lines that have scrolled away are still there.
 */
export class VirtualScreen {
  readonly #columns: number;
  /** One entry a row; `follows` when the row above was full and this one goes on with it. */
  readonly #rows: { cells: string[]; follows: boolean }[] = [{ cells: [], follows: false }];
  #row = 0;
  #column = 0;
  #unfinished = '';
  cursorShown = true;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** The rows as they stand there. */
  get rows(): readonly string[] {
    return this.#rows.map((row) => text(row.cells));
  }

  /** The rows, those that were broken by the edge of the screen put together again. */
  get lines(): readonly string[] {
    const lines: string[] = [];
    for (const { cells, follows } of this.#rows) {
      if (follows) lines.push(`${lines.pop() ?? ''}${text(cells)}`);
      else lines.push(text(cells));
    }
    return lines;
  }

  write(chunk: string): void {
    const pieces: readonly string[] = `${this.#unfinished}${chunk}`.match(/\x1b\[[?]?[0-9;]*[A-Za-z]|\x1b[[?0-9;]*$|[\s\S]/gu) ?? [];
    this.#unfinished = '';
    for (const piece of pieces) this.#take(piece);
  }

  #take(piece: string): void {
    if (/^\x1b\[.*[A-Za-z]$/.test(piece)) return this.#control(piece.slice(2));
    if (piece.startsWith('\x1b')) {
      this.#unfinished = piece;
      return;
    }
    if (piece === '\n') return this.#moveTo(this.#row + 1, 0);
    if (piece === '\r') return this.#moveTo(this.#row, 0);
    if (piece === '\b') return this.#moveTo(this.#row, this.#column - 1);
    if (piece < ' ') throw new Error(`the wizard wrote the control character ${JSON.stringify(piece)}`);
    this.#print(piece);
  }

  #print(character: string): void {
    if (this.#column >= this.#columns) {
      this.#moveTo(this.#row + 1, 0);
      const row = this.#rows[this.#row];
      if (row !== undefined) row.follows = true;
    }
    const cells = this.#rows[this.#row]?.cells ?? [];
    while (cells.length < this.#column) cells.push(' ');
    cells[this.#column] = character;
    this.#column += 1;
  }

  #control(sequence: string): void {
    const count = Number(/\d+/.exec(sequence)?.[0] ?? 1);
    switch (sequence.at(-1)) {
      case 'A':
        return this.#moveTo(this.#row - count, this.#column);
      case 'B':
        return this.#moveTo(this.#row + count, this.#column);
      case 'G':
        return this.#moveTo(this.#row, count - 1);
      case 'K':
        return this.#erase(/\d/.exec(sequence)?.[0] ?? '0');
      case 'm':
        return undefined;
      case 'h':
      case 'l':
        if (sequence.startsWith('?25')) this.cursorShown = sequence.endsWith('h');
        return undefined;
      default:
        throw new Error(`the wizard wrote the control sequence ${JSON.stringify(sequence)}`);
    }
  }

  #erase(how: string): void {
    const row = this.#rows[this.#row];
    if (row === undefined) return;
    row.follows = false;
    row.cells.length = how === '2' ? 0 : Math.min(row.cells.length, this.#column);
  }

  #moveTo(row: number, column: number): void {
    this.#row = Math.max(0, row);
    this.#column = Math.max(0, Math.min(column, this.#columns - 1));
    while (this.#rows.length <= this.#row) this.#rows.push({ cells: [], follows: false });
  }
}

function text(cells: readonly string[]): string {
  return cells.join('').trimEnd();
}
