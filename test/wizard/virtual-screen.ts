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
    const pieces: readonly string[] =
      `${this.#unfinished}${chunk}`.match(/\x1b\[[?]?[0-9;]*[A-Za-z]|\x1b[[?0-9;]*$|[\s\S]/gu) ?? [];
    this.#unfinished = '';
    for (const piece of pieces) this.#take(piece);
  }

  #take(piece: string): void {
    if (/^\x1b\[.*[A-Za-z]$/.test(piece)) this.#control(piece.slice(2));
    else if (piece.startsWith('\x1b')) this.#unfinished = piece;
    else if (piece === '\n') this.#moveTo(this.#row + 1, 0);
    else if (piece === '\r') this.#moveTo(this.#row, 0);
    else if (piece === '\b') this.#moveTo(this.#row, this.#column - 1);
    else if (piece < ' ') throw new Error(`the wizard wrote the control character ${JSON.stringify(piece)}`);
    else this.#print(piece);
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
    const kind = sequence.at(-1);
    if (kind === 'A') this.#moveTo(this.#row - count, this.#column);
    else if (kind === 'B') this.#moveTo(this.#row + count, this.#column);
    else if (kind === 'G') this.#moveTo(this.#row, count - 1);
    else if (kind === 'K') this.#erase(/\d/.exec(sequence)?.[0] ?? '0');
    else if (/^\?25[hl]$/.test(sequence)) this.cursorShown = kind === 'h';
    else if (!/^[\d;]*m$|^\?2026[hl]$/.test(sequence))
      throw new Error(`the wizard wrote the control sequence ${JSON.stringify(sequence)}`);
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
