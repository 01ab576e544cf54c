import type { CaseResult } from '../failover-test/case-result.ts';
import { entryOf, linesOf, type PartTitle, partTitles } from '../failover-test/report.ts';
import type { Program } from '../session/program.ts';
import { counted } from '../text/counted.ts';
import { sayLines } from '../ui/wording.ts';

/** Tells what came of each case as soon as it is known: a line on the screen, or an object a line for programs. */
export interface DrillReporter {
  readonly begin: (part: PartTitle) => void;
  readonly tell: (tried: CaseResult) => void;
  /** The rest of a part that could not begin. */
  readonly tellSkipped: (skipped: readonly CaseResult[]) => void;
}

export function drillReporter({ ui }: Program): DrillReporter {
  let fixBefore: string | undefined;
  const show = (tried: CaseResult) => {
    sayLines(ui, linesOf(tried, fixBefore));
    fixBefore = tried.problem?.fix ?? fixBefore;
  };
  const tell = (tried: CaseResult) => ui.result('case', entryOf(tried), () => show(tried));
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
      else if (first !== undefined)
        ui.say(` · ${counted(skipped.length, 'case').padEnd(21)}  ${first.happened}`, 'dim');
    },
  };
}
