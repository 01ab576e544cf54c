type Colour = (text: string) => string;

/** The colours of a terminal, or none. Those of the text that is given are kept. */
export interface Colours {
  readonly enabled: boolean;
  readonly bold: Colour;
  readonly dim: Colour;
  readonly red: Colour;
  readonly green: Colour;
  readonly yellow: Colour;
  readonly cyan: Colour;
}

/** Source of the numbers: ECMA-48, "Select Graphic Rendition". A library would take longer to be read than `--help` may take. */
export function coloursOf(enabled: boolean): Colours {
  const colour = (begin: number, end: number): Colour =>
    enabled ? (text) => text.replaceAll(/.+/g, `\x1b[${begin}m$&\x1b[${end}m`) : (text) => text;
  return {
    enabled,
    bold: colour(1, 22),
    dim: colour(2, 22),
    red: colour(31, 39),
    green: colour(32, 39),
    yellow: colour(33, 39),
    cyan: colour(36, 39),
  };
}
