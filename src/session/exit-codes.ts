/** What the program's exit code means; printed in --help and in the README. */
export const exitCodes = {
  done: 0,
  stopped: 1,
  changesPending: 2,
  usage: 64,
  invalidAnswers: 65,
  preconditionNotMet: 69,
  outputLost: 74,
  locked: 75,
  hungUp: 129,
  cancelled: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** How the program exits after a signal asked it to stop. */
export const signalExitCodes = {
  SIGINT: exitCodes.cancelled,
  SIGTERM: exitCodes.terminated,
  SIGHUP: exitCodes.hungUp,
} as const;

/** The signals that ask it to stop. */
export type StopSignal = keyof typeof signalExitCodes;

export const exitCodeWords: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.done, 'done, or nothing to do'],
  [exitCodes.stopped, 'a step stopped, or drill or doctor found something broken'],
  [exitCodes.changesPending, 'plan, status, --check, --dry-run: changes are pending'],
  [exitCodes.usage, 'wrong use of the command line'],
  [exitCodes.invalidAnswers, 'the answers are incomplete or invalid'],
  [exitCodes.preconditionNotMet, 'a precondition is not met'],
  [exitCodes.outputLost, 'done, but the output could not be written'],
  [exitCodes.locked, 'another run is under way'],
  [exitCodes.hungUp, 'the connection was lost; the current action was finished'],
  [exitCodes.cancelled, 'cancelled with Ctrl-C'],
  [exitCodes.terminated, 'terminated; the current action was finished'],
];
