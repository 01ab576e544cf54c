/** Says now and then that something still goes on, where no spinner can show it. */
interface Pacer {
  start(text: string): void;
  /** What it says, or waits for, just now. */
  note(text: string): void;
  stop(): void;
}

/** What is told: since how many seconds, and the last words, empty where there were none. */
type StillGoing = (text: string, seconds: number, note: string) => void;

/** After so many seconds it is said first; then each time after twice as long, and never less often than the last. */
const first = 15;
const seldom = 300;

/** A log that grows by a line for each pause that doubles: a wait of an hour is told in about twenty lines. */
export function createPacer(tell: StillGoing): Pacer {
  let timer: NodeJS.Timeout | undefined;
  let text = '';
  let note = '';

  function next(told: number): void {
    const pause = Math.min(told === 0 ? first : told, seldom);
    timer = setTimeout(() => {
      tell(text, told + pause, note);
      next(told + pause);
    }, pause * 1000);
    timer.unref();
  }

  return {
    start(newText) {
      clearTimeout(timer);
      text = newText;
      note = '';
      next(0);
    },
    note(newNote) {
      note = newNote;
    },
    stop: () => clearTimeout(timer),
  };
}
