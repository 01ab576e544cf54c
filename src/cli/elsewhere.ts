import type { PathMapping } from '../host/real-host.ts';
import type { Account } from '../layout.ts';

/** Another ground than this machine's own. The program that is shipped is never given one: see src/claude-routing-install.ts. */
export interface Elsewhere {
  readonly account: Account;
  readonly ground: PathMapping;
  /** Where its programs are. */
  readonly searchPath: string;
  /** Said first, so that nobody takes it for this machine. */
  readonly notice: string;
}
