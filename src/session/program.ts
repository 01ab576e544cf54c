import { networkInterfaces } from 'node:os';
import type { Handbook } from '../context.ts';
import type { CheckResult } from '../engine/step.ts';
import type { Host } from '../host/host.ts';
import type { Masking } from '../host/secret.ts';
import type { Account, Layout } from '../layout.ts';
import { type Problem, problemOf } from '../problem.ts';
import type { Ui } from '../ui/ui.ts';
import { tellProblem } from '../ui/wording.ts';
import { type ExitCode, exitCodes, type StopSignal } from './exit-codes.ts';

/** What every command works with; made once, in cli.ts. */
export interface Program {
  readonly host: Host;
  readonly ui: Ui;
  readonly masking: Masking;
  readonly account: Account;
  readonly layout: Layout;
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the program was called. */
  readonly cwd: string;
  /** Agreed to everything that will be shown: nobody is asked. */
  readonly yes: boolean;
  readonly given: GivenAnswers;
  readonly handbook: () => Promise<Handbook>;
  /** All of standard input. */
  readonly readInput: () => Promise<string>;
  readonly signals: Signals;
  /** Where a path of the machine is on the disk; differs on a paper machine only. */
  readonly onDisk: (path: string) => string;
  /** Makes sure that sudo will not ask later; may ask now where `interactive`. */
  readonly acquireSudo: (interactive: boolean) => Promise<boolean>;
  /** Name of this run in the journal, also of its backup folder. */
  readonly run: string;
}

export interface Signals {
  /** The signal by which the person asked to stop during shielded work. */
  received(): StopSignal | undefined;
  /** Runs work that changes things: a signal is noted instead of ending the program. */
  shield<Result>(work: () => Promise<Result>): Promise<Result>;
  /** What to do when the person leaves, by a signal or at a question, while nothing is being changed. */
  whenLeft(act: () => Promise<void>): void;
  /** Does it, once. */
  left(): Promise<void>;
}

/** What the command line says about the answers. */
export interface GivenAnswers {
  /** The file that is named. */
  readonly file: string | undefined;
  /** `KEY=VALUE`, in the order in which they were given. */
  readonly settings: readonly string[];
  /** Asks all of them again. */
  readonly ask: boolean;
}

/** Ends a command early with what is wrong and the exit code that says so. */
export class Refused extends Error {
  readonly problems: readonly Problem[];
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, ...problems: readonly Problem[]) {
    super(problems.map(({ problem }) => problem).join('; '));
    this.problems = problems;
    this.exitCode = exitCode;
  }
}

/** Refuses a command where a check says that it has to stop. */
export function refuseOn(...found: readonly CheckResult[]): void {
  const stops = found.filter((one) => one.status === 'stop').map(problemOf);
  if (stops.length > 0) throw new Refused(exitCodes.preconditionNotMet, ...stops);
}

/** Says them all, each with what to type. */
export function tellProblems(
  ui: Pick<Ui, 'say' | 'result'>,
  problems: readonly Problem[],
  tone: 'bad' | 'warning' = 'bad',
): void {
  for (const problem of problems) tellProblem(ui, problem, tone);
}

/** Addresses at which others reach this machine, IPv4 first; without those of containers and bridges. */
export function ownAddresses(): readonly string[] {
  const interfaces = Object.entries(networkInterfaces()).filter(([name]) => !/^(docker|br-|veth|virbr|lxc)/.test(name));
  const addresses = interfaces
    .flatMap(([, list]) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return addresses
    .sort((a, b) => Number(a.family === 'IPv6') - Number(b.family === 'IPv6'))
    .map(({ address }) => address);
}
