import { type Call, failed, type Machine, type Reply } from './program.ts';
import { actionOf } from './programs.ts';

/** A call as it is remembered: words and environment, never the input. */
export interface LoggedCall {
  readonly program: string;
  readonly args: readonly string[];
  /** Program and words in one line. */
  readonly line: string;
  readonly mutates: boolean;
  /** The program's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  exitCode: number | undefined;
}

/** Sees each call before it is done; a reply takes the place of doing it, unless that does it by `perform`. */
export type Intercept = (
  call: LoggedCall,
  perform: () => Promise<Reply>,
) => Reply | undefined | Promise<Reply | undefined>;

export interface CallLog {
  /** Oldest first. */
  readonly calls: readonly LoggedCall[];
  /** Calls and requests that nobody told the machine how to answer. A test in which there is one has failed. */
  readonly surprises: string[];
  /** Does what a call asks for and writes it down. */
  readonly perform: (call: Call) => Promise<Reply>;
  /** Set to undefined to let everything happen. */
  intercept: Intercept | undefined;
  /** Forgets the calls; surprises stay. */
  forget(): void;
}

/** The one place through which every call to a stand-in passes. */
export function makeCallLog(machine: Machine): CallLog {
  const calls: LoggedCall[] = [];
  const surprises: string[] = [];
  const log: CallLog = {
    calls,
    surprises,
    intercept: undefined,
    forget: () => {
      calls.length = 0;
    },
    perform: async (started) => {
      const call = { ...started, asRoot: started.asRoot || machine.account.uid === 0 };
      const action = actionOf(call, machine);
      const logged: LoggedCall = {
        program: call.program,
        args: call.args,
        line: [call.program, ...call.args].join(' '),
        mutates: action?.mutates ?? false,
        env: call.env,
        exitCode: undefined,
      };
      calls.push(logged);
      if (action === undefined) surprises.push(logged.line);
      const reply =
        action === undefined
          ? failed(`the paper machine was not told what to answer to: ${logged.line}`, 99)
          : ((await log.intercept?.(logged, async () => await action.run())) ?? (await action.run()));
      logged.exitCode = reply.exitCode;
      return reply;
    },
  };
  return log;
}
