import type { ExitCode } from './exit-codes.ts';
import { type Program, Refused } from './program.ts';

/** Placeholder of the lead, to be overwritten by the owner. */
export async function drill(_program: Program): Promise<ExitCode> {
  throw new Refused(64, { problem: 'drill is not there yet', fix: 'wait' });
}
