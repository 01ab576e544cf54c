import type { Ora } from 'ora';
import { createPacer } from './progress.ts';
import type { Colours } from './speech.ts';
import { usableWidth } from './text-layout.ts';
import { duration } from './wording.ts';

/** Shows that something is going on, for how long, and what it says. */
interface Spinner {
  /** `discardInput`: what is typed meanwhile is not meant for the next question. */
  start(text: string, discardInput?: boolean): void;
  note(text: string): void;
  stop(): void;
  /** Out of the way while something is written or asked, then there again. */
  around<Result>(act: () => Result): Result;
  aside<Result>(act: () => Promise<Result>): Promise<Result>;
}

/** How often the seconds are drawn anew, in milliseconds. */
const redrawEvery = 250;

export function createSpinner(output: NodeJS.WriteStream, colours: Colours): Spinner {
  let drawn: Ora | undefined;
  /** What was begun and not hidden yet, also before the first picture of it. */
  let turning: symbol | undefined;
  let timer: NodeJS.Timeout | undefined;
  let text = '';
  let note = '';
  let began = 0;

  function draw(): void {
    if (drawn === undefined) return;
    const head = `${text}  ${duration(performance.now() - began)}`;
    const width = usableWidth(output.columns);
    const room = width - head.length - 6;
    const told = (columns: number) => colours.dim(`  ${[...note].slice(0, columns).join('')}`);
    if (note === '') drawn.text = head;
    // On a narrow screen it stands below.
    else drawn.text = room > 12 ? `${head}${told(room)}` : `${head}\n${told(width - 4)}`;
  }

  async function show(discardStdin: boolean): Promise<void> {
    const own = Symbol(text);
    turning = own;
    const { ora } = await import('./late/ora.ts');
    if (turning !== own) return;
    const color = colours.enabled ? 'cyan' : false;
    drawn = ora({ stream: output, isEnabled: true, discardStdin, color, hideCursor: true }).start();
    timer = setInterval(draw, redrawEvery);
    draw();
  }

  function hide(): void {
    turning = undefined;
    clearInterval(timer);
    drawn?.stop();
    drawn = undefined;
  }

  return {
    start(newText, discardInput = false) {
      hide();
      text = newText;
      note = '';
      began = performance.now();
      void show(discardInput);
    },
    note(newNote) {
      note = newNote;
    },
    stop: hide,
    around(act) {
      drawn?.clear();
      try {
        return act();
      } finally {
        drawn?.render();
      }
    },
    async aside(act) {
      const spinning = turning !== undefined;
      hide();
      const answer = await act();
      if (spinning) void show(false);
      return answer;
    },
  };
}

/**
 * For logs and terminals that cannot redraw a line: what takes long is said again now and then, with the last words of what
 * is waited for; at once only where somebody is `there` to wonder.
 */
export function createStillSpinner(say: (text: string) => void, there: boolean): Spinner {
  const pacer = createPacer((text, seconds, note) =>
    say(`     ${text}: still at it after ${duration(seconds * 1000)}${note === '' ? '' : `: ${note}`}`),
  );
  return {
    start(text) {
      if (there) say(`     ${text} …`);
      pacer.start(text);
    },
    note: pacer.note,
    stop: pacer.stop,
    around: (act) => act(),
    async aside(act) {
      pacer.stop();
      return await act();
    },
  };
}
