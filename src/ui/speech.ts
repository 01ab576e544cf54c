import { styleText } from 'node:util';
import type { Masking } from '../host/secret.ts';
import { bounded, harmless, harmlessLine } from '../text/harmless.ts';
import { wrapped } from './text-layout.ts';
import type { Tone, Ui } from './ui.ts';

export interface SpeechOptions {
  readonly output: NodeJS.WriteStream;
  readonly color: boolean;
  readonly masking: Masking;
  /** The home directory; paths in it are told with a tilde. */
  readonly home?: string;
}

/** How everything said to people is written: masked, made harmless and bounded, and only then coloured. */
interface Speech {
  readonly colours: Colours;
  /** Colours a text that is fit to be shown. */
  readonly paint: Readonly<Record<Tone, (text: string) => string>>;
  /** What is written for a paragraph. */
  said(text: string, tone: Tone): string;
  shown(text: string, most?: number): string;
  /** The same, on one line. */
  shownLine(text: string): string;
}

/** Longest paragraph, and longest command to be copied, in characters; what another program said may be a book. */
const longest = 2000;
const longestCommand = 20_000;

export function createSpeech({ output, color, masking, home }: SpeechOptions): Speech {
  const colours = coloursOf(color);
  const paint = painter(colours);
  // Masked twice: a colour code in the midst of a key would hide it from the first look.
  const shown = (text: string, most = longest) => bounded(masking.mask(harmless(masking.mask(text))), most);
  return {
    colours,
    paint,
    shown,
    shownLine: (text) => harmlessLine(shown(text)),
    said(text, tone) {
      const fitting = hanging(shown(text, tone === 'command' ? longestCommand : longest));
      const told = tone === 'command' ? fitting : wrapped(withTilde(fitting, home), output.columns);
      return `${told.split('\n').map(paint[tone]).join('\n')}\n`;
    },
  };
}

/** Words alone: nothing is asked, coloured or redrawn, and little has to be loaded for it. */
export function plainWords(
  output: NodeJS.WriteStream,
  masking: Masking,
): Pick<Ui, 'say' | 'result' | 'end' | 'forPrograms'> {
  const { said } = createSpeech({ output, color: false, masking });
  return {
    forPrograms: false,
    say: (text, tone = 'plain') => void output.write(said(text, tone)),
    result: (_type, _data, inWords) => inWords(),
    end: () => undefined,
  };
}

/** More lines than this in one paragraph push everything else off the screen. */
const mostLines = 40;

/** Lines after the first stand under it: no other program's words can look like a line of ours. */
function hanging(text: string): string {
  const [first = '', ...others] = text.split('\n');
  const indent = `${/^ */.exec(first)?.[0] ?? ''}  `;
  const shown = others
    .slice(0, mostLines)
    .map((line) => (line.startsWith(indent) ? line : `${indent}${line.trimStart()}`));
  const rest = others.length > mostLines ? [`${indent}… (${others.length - mostLines} more lines)`] : [];
  return [first, ...shown, ...rest].join('\n');
}

/** Only where the path begins: within a longer one it is no home, and in single quotes a shell takes the ~ for a name. */
function withTilde(text: string, home: string | undefined): string {
  if (home === undefined || home === '/') return text;
  const [first = '', ...others] = text.split(home);
  return others.reduce((told, next) => {
    const whole = /(^|[\s"(:=])$/.test(told) && /^(\/|$|[\s"').,:;])/.test(next);
    return `${told}${whole ? '~' : home}${next}`;
  }, first);
}

function painter({ bold, dim, red, green, yellow }: Colours): Record<Tone, (text: string) => string> {
  return {
    command: (text) => text,
    plain: (text) => text,
    good: (text) => (text.includes('✓') ? text.replace('✓', green('✓')) : green(text)),
    warning: yellow,
    bad: red,
    dim,
    strong: bold,
  };
}

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
function coloursOf(enabled: boolean): Colours {
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
