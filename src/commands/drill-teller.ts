import { entryOf, linesOf, type PartTitle, partTitles } from '../drill/report.ts';
import type { Tried } from '../drill/tried.ts';
import type { Program } from './program.ts';

/** Tells what came of each case as soon as it is known: a line on the screen, or an object a line for programs. */
export interface DrillTeller {
  readonly begin: (part: PartTitle) => void;
  readonly tell: (tried: Tried) => void;
  /** The rest of a part that could not begin. */
  readonly tellSkipped: (skipped: readonly Tried[]) => void;
}

export function drillTeller({ ui }: Program): DrillTeller {
  let fixBefore: string | undefined;
  const show = (tried: Tried) => {
    for (const line of linesOf(tried, fixBefore)) ui.say(line.text, line.tone);
    fixBefore = tried.problem?.fix ?? fixBefore;
  };
  const tell = (tried: Tried) => ui.result('case', entryOf(tried), () => show(tried));
  return {
    begin: (part) => {
      if (ui.forPrograms) return;
      ui.say('');
      ui.say(partTitles[part], 'strong');
    },
    tell,
    tellSkipped: (skipped) => {
      const [first] = skipped;
      if (ui.forPrograms) skipped.forEach(tell);
      else if (first !== undefined) ui.say(` · ${`${skipped.length} cases`.padEnd(21)}  ${first.happened}`, 'dim');
    },
  };
}
