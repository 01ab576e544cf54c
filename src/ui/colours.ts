import { styleText } from 'node:util';

type Colour = (text: string) => string;

/** The colours of a terminal, or none. */
export interface Colours {
  readonly enabled: boolean;
  readonly bold: Colour;
  readonly dim: Colour;
  readonly red: Colour;
  readonly green: Colour;
  readonly yellow: Colour;
  readonly cyan: Colour;
}

/** Node's own, for which no library has to be read. A line is coloured by itself, so that nothing reaches into what stands beside it. */
export function coloursOf(enabled: boolean): Colours {
  const colour = (name: Exclude<keyof Colours, 'enabled'>): Colour =>
    enabled
      ? (text) => text.replaceAll(/.+/g, (line) => styleText(name, line, { validateStream: false }))
      : (text) => text;
  return {
    enabled,
    bold: colour('bold'),
    dim: colour('dim'),
    red: colour('red'),
    green: colour('green'),
    yellow: colour('yellow'),
    cyan: colour('cyan'),
  };
}
