import type { Grid, Run } from './grid.ts';

const cell = { width: 8.4, height: 18 };
const margin = 16;
const colors = ['#6e7681', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#c9d1d9'] as const;
const usual = '#e6edf3';

/** A window of a terminal as a picture: text that can be searched and read aloud, on its own dark ground. */
export function svgOf(grid: Grid, columns: number, title: string): string {
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = grid.length * cell.height + 2 * margin;
  const texts = grid.flatMap((runs, row) => runs.map((run) => textElement(run, row)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${texts.join('\n')}
</svg>
`;
}

function textElement({ column, text, color, bold, dim }: Run, row: number): string {
  const x = round(margin + column * cell.width);
  const y = round(margin + (row + 0.75) * cell.height);
  const fill = color === undefined ? usual : (colors[color % colors.length] ?? usual);
  const look = `${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.65"' : ''}`;
  // Whatever font is there, columns stay columns.
  const length = round([...text].length * cell.width);
  return `<text x="${x}" y="${y}" textLength="${length}" fill="${fill}"${look} xml:space="preserve">${escaped(text)}</text>`;
}

function round(length: number): number {
  return Number(length.toFixed(1));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The words of a picture, in reading order. */
export function wordsIn(svg: string): readonly string[] {
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
  return texts.map((text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
}
