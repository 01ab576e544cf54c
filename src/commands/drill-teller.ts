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

export function drillTeller(program: Program): DrillTeller {
  const { ui, flags } = program;
  let fixBefore: string | undefined;
  const print = (tried: Tried) => program.print(`${program.masking.mask(JSON.stringify(entryOf(tried)))}\n`);
  const show = (tried: Tried) => {
    for (const line of linesOf(tried, fixBefore)) ui.say(line.text, line.tone);
    fixBefore = tried.problem?.fix ?? fixBefore;
  };
  return {
    begin: (part) => {
      if (flags.json) return;
      ui.say('');
      ui.say(partTitles[part], 'strong');
    },
    tell: flags.json ? print : show,
    tellSkipped: (skipped) => {
      const [first] = skipped;
      if (flags.json) skipped.forEach(print);
      else if (first !== undefined) ui.say(` · ${`${skipped.length} cases`.padEnd(21)}  ${first.happened}`, 'dim');
    },
  };
}
