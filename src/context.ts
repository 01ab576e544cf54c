import type { Answers } from './config/schema.ts';
import type { Secrets } from './config/secrets.ts';
import type { Step } from './engine/step.ts';
import type { Layout, ShellName } from './layout.ts';

/** Everything that a step may see. Fixed once the questions are answered. */
export interface Context {
  readonly answers: Answers;
  readonly secrets: Secrets;
  readonly layout: Layout;
  readonly machine: MachineFacts;
  readonly handbook: Handbook;
}

/** What explains the program on the command line; it follows from what the commands declare. */
export interface Handbook {
  /** The completion of each shell. */
  readonly completion: Readonly<Record<ShellName, string>>;
  /** The program's page of the manual, as roff. */
  readonly page: string;
}

/** What was found out about this machine at the start and does not change while the program runs. */
export interface MachineFacts {
  /** As dpkg names it. */
  readonly architecture: 'amd64' | 'arm64';
  readonly hostName: string;
  /** Addresses of this machine's own interfaces, loopback excluded. */
  readonly addresses: readonly string[];
  /** Paths that earlier runs set out to write, as far as the journal tells. */
  readonly earlierWrites: readonly string[];
}

export type InstallerStep = Step<Context>;
