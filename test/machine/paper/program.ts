import type { Account } from '../../../src/layout.ts';
import type { GatewaySet } from './gateway.ts';
import type { MachineState } from './machine-state.ts';

/** A program as it was started. */
export interface Call {
  /** Its name without the directory. */
  readonly program: string;
  readonly args: readonly string[];
  readonly asRoot: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly cwd: string;
}

/** What a program says and returns. */
export interface Reply {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a call would do, and whether that changes the machine. It is not done before `run` is called. */
export interface Action {
  readonly mutates: boolean;
  readonly run: () => Reply | Promise<Reply>;
}

/** What the programs work on. */
export interface Machine {
  readonly folder: string;
  readonly account: Account;
  readonly state: MachineState;
  readonly gateways: GatewaySet;
  /** Where a path of the machine is on the disk. */
  readonly onDisk: (path: string) => string;
  /** Where an address of the outside world really is. */
  readonly url: (url: string) => string;
  /** Puts a stand-in under a path of the machine; its name decides what it is. */
  readonly placeProgram: (path: string) => void;
}

/** A stand-in for a program; undefined for a call that it was not told how to answer. */
export type Program = (call: Call, machine: Machine) => Action | undefined;

/** Success, with what is said on standard output. */
export function said(stdout = ''): Reply {
  return { exitCode: 0, stdout: lineOf(stdout), stderr: '' };
}

/** Failure, with what is said on standard error. */
export function failed(stderr: string, exitCode = 1, stdout = ''): Reply {
  return { exitCode, stdout: lineOf(stdout), stderr: lineOf(stderr) };
}

/** A call that only looks. */
export function looks(run: () => Reply | Promise<Reply>): Action {
  return { mutates: false, run };
}

/** A call that changes the machine. */
export function changes(run: () => Reply | Promise<Reply>): Action {
  return { mutates: true, run };
}

function lineOf(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** The call's words with a blank between, for matching. */
export function wordsOf({ args }: Call): string {
  return args.join(' ');
}
