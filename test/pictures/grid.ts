import headless from '@xterm/headless';

/** How a run of characters looks. */
export interface Style {
  /** One of the terminal's sixteen colours by its number; undefined: the usual one. */
  readonly color: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

export interface Run extends Style {
  readonly column: number;
  readonly text: string;
}

/** What stands in a terminal's window, row by row. */
export type Grid = readonly (readonly Run[])[];

/** What a terminal of that size shows after all that was written to it; rows below the last words are left out. */
export async function gridOf(written: string, columns: number, rows: number): Promise<Grid> {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  await new Promise<void>((done) => terminal.write(written, done));
  const buffer = terminal.buffer.active;
  const lines = Array.from({ length: rows }, (_, row) => runsOf(buffer.getLine(row), columns));
  terminal.dispose();
  return lines.slice(0, lines.findLastIndex((runs) => runs.length > 0) + 1);
}

type Line = ReturnType<InstanceType<typeof headless.Terminal>['buffer']['active']['getLine']>;

function runsOf(line: Line, columns: number): readonly Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < columns; column += 1) {
    const cell = line?.getCell(column);
    const text = cell?.getChars() ?? '';
    if (cell === undefined || text === '') continue;
    const style: Style = {
      color: cell.isFgDefault() ? undefined : cell.getFgColor(),
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
    };
    const last = runs.at(-1);
    const goesOn = last !== undefined && isAlike(last, style) && last.column + last.text.length === column;
    if (goesOn) runs[runs.length - 1] = { ...last, text: last.text + text };
    else runs.push({ ...style, column, text });
  }
  return runs.flatMap((run) => (run.text.trim() === '' ? [] : [run]));
}

function isAlike(one: Style, other: Style): boolean {
  return one.color === other.color && one.bold === other.bold && one.dim === other.dim;
}

/** The words alone, as lines. */
export function textOf(grid: Grid): string {
  const line = (runs: readonly Run[]) => runs.reduce((text, run) => text.padEnd(run.column) + run.text, '').trimEnd();
  return grid.map(line).join('\n');
}
