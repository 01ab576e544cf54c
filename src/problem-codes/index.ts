import { answersProblems } from './answers.ts';
import { clientProblems } from './client.ts';
import { commandLineProblems } from './command-line.ts';
import { filesProblems } from './files.ts';
import { gatewayProblems } from './gateway.ts';
import { machineProblems } from './machine.ts';
import { modelsProblems } from './models.ts';
import { networkProblems } from './network.ts';

/** Every cause that a problem can have, by area. */
export const problemAreas = {
  'Command line and runs': commandLineProblems,
  Answers: answersProblems,
  'Machine and account': machineProblems,
  'Files and packages': filesProblems,
  'Network and keys': networkProblems,
  'Clouds and the local model': modelsProblems,
  'Docker and the gateway': gatewayProblems,
  'Claude Code, launchers and shell': clientProblems,
} as const;

/**
 * A cause, for programs and for whoever has to react to it. Codes stay, whatever the words become; one names the cause and
 * not the place, so that a cause that is met in several places is the same one there.
 */
export type ProblemCode = CodesOf<(typeof problemAreas)[keyof typeof problemAreas]>;

type CodesOf<Area> = Area extends unknown ? keyof Area : never;
