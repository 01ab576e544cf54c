import { programName } from '../command-line/program-name.ts';
import type { Line } from '../ui/wording.ts';

/** The ui makes the lines of a help fit, all but those that are to be copied. */
export function linesOfHelp(text: string): readonly Line[] {
  const toCopy = `    ${programName} `;
  return text.split('\n').map((line) => ({ text: line, tone: line.startsWith(toCopy) ? 'command' : 'plain' }));
}
