import type { Secret } from './secret.ts';

/** A program and its arguments. Never a shell string, never a secret in `args`. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Run as root through sudo. */
  readonly sudo?: boolean;
  /** Added to the environment; secret values are masked wherever the command is shown. */
  readonly env?: Readonly<Record<string, string | Secret>>;
  /** Given on standard input. */
  readonly input?: string | Secret;
  readonly cwd?: string;
  /** Milliseconds after which the program is ended; default ten seconds for queries, none for changes. */
  readonly timeoutMs?: number;
  /** Milliseconds without a word after which a change is ended; default ten minutes. What goes on may last as long as it has to. */
  readonly silenceMs?: number;
  /** A change that shows its progress only on a terminal is given one if there is `script`; all of its output is standard output then. */
  readonly tellsTerminals?: boolean;
}

/** Set to the run's name for every program that a run starts, so that they can be recognised even if the run was killed. */
export const runVariable = 'CLAUDE_INSTALL_RUN';

export interface CommandResult {
  /** 127 when the program does not exist, 124 when it ran out of time. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether a program was ended because it took too long. */
export function ranOutOfTime({ exitCode }: Pick<CommandResult, 'exitCode'>): boolean {
  return exitCode === 124;
}

/** What is at a path; for a link, what it leads to. A link's own mode means nothing, so it is left out. */
export interface FileStat {
  /** `link`: one that leads nowhere. */
  readonly kind: 'file' | 'directory' | 'socket' | 'link' | 'other';
  /** Permission bits only, e.g. 0o600; 0 of a link that leads nowhere. */
  readonly mode: number;
  readonly uid: number;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
  /** Where the path really is, when a link stands there; of one that leads nowhere, where it points. */
  readonly link?: string;
  /** Why a link leads nowhere: nothing is there, it comes back to itself, or this account may not look. */
  readonly broken?: 'missing' | 'loop' | 'closed';
  /** Why this account can neither add nor replace anything in a directory. */
  readonly closed?: 'permission' | 'read-only';
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Milliseconds for the whole exchange; default 5000. */
  readonly timeoutMs?: number;
}

/** Why no reply came at all. `clock`: a certificate is valid at another time than this machine's clock shows. */
export type HttpFailure =
  | 'refused'
  | 'timeout'
  | 'name-not-found'
  | 'unreachable'
  | 'tls'
  | 'clock'
  | 'not-http'
  | 'broken';

export type HttpReply =
  | {
      readonly reached: true;
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      /** Milliseconds from sending to the last byte. */
      readonly ms: number;
    }
  | { readonly reached: false; readonly failure: HttpFailure; readonly detail: string; readonly ms: number };

/** May look at a machine. Nothing in this type can change one. */
export interface Probe {
  /**
   * The text of a plain file, or undefined where there is none: a directory, a pipe, a device and a link that leads
   * nowhere are none. A pipe that the shell opened for this program (/dev/stdin, /dev/fd/63) is read, too. Throws when it exists and cannot be read, or is too large to be one of ours.
   */
  readFile(path: string): Promise<string | undefined>;
  /**
   * Hands over the lines of a plain file one by one, in the memory of one: for logs, which may be larger than any text.
   * What goes beyond a million characters in a line is left out. Begins `from` so many bytes, and returns where the last
   * line ends that is whole, to go on from there; a file that is shorter by now is read anew. Without a `from` the lines
   * of the compressed file beside it, `PATH.gz`, come first; what stands in both, because it is being compressed, comes
   * once. Undefined where there is no plain file; throws as `readFile` does, with the `path` that it was.
   */
  readLines(path: string, each: (line: string) => void, from?: number): Promise<number | undefined>;
  stat(path: string): Promise<FileStat | undefined>;
  /** Names in a directory; empty where there is none. */
  list(path: string): Promise<readonly string[]>;
  /** Runs a program that only looks. Never throws for its exit code. */
  query(command: Command): Promise<CommandResult>;
  /** One HTTP exchange. Never follows redirects, never throws for what the network does. */
  http(request: HttpRequest): Promise<HttpReply>;
}

/** Everything that can be done: these five things. */
export type Effect = WriteFile | MakeDirectory | RemoveFile | RunCommand | SendRequest;

export interface WriteFile {
  readonly do: 'write';
  readonly path: string;
  readonly content: string | Secret;
  readonly mode: number;
  /** Write as root (below /etc). */
  readonly sudo?: boolean;
  /** Ours alone, and the former text is worth nothing: no backup is kept. */
  readonly disposable?: boolean;
}

export interface MakeDirectory {
  readonly do: 'make-directory';
  readonly path: string;
  readonly mode: number;
  readonly sudo?: boolean;
}

export interface RemoveFile {
  readonly do: 'remove';
  readonly path: string;
  readonly sudo?: boolean;
  /** As for a written file. */
  readonly disposable?: boolean;
}

export interface RunCommand {
  readonly do: 'run';
  readonly command: Command;
  /** What it is for, in a few words, e.g. "install 9 packages". */
  readonly why: string;
  /** Tried again while the program's errors contain `text`, e.g. because somebody else holds a lock. */
  readonly retry?: { readonly text: string; readonly forMs: number };
}

/** A change on another machine, e.g. loading a model on the LM Studio box. */
export interface SendRequest {
  readonly do: 'send';
  readonly request: HttpRequest;
  readonly why: string;
}

/** What an effect left behind. */
export interface Performed {
  /** Where the previous content of a written or removed file was kept. */
  readonly backup?: string;
}

/** Probe plus the one door through which a machine is changed. */
export interface Host extends Probe {
  /** Performs one effect whole, or throws EffectFailed. */
  perform(effect: Effect): Promise<Performed>;
}

/** An effect did not work; the message is fit to be shown, the output is masked. */
export class EffectFailed extends Error {
  readonly effect: Effect;
  readonly exitCode: number | undefined;
  /** Last lines of what the program said, secrets masked. */
  readonly output: readonly string[];

  constructor(effect: Effect, message: string, exitCode?: number, output: readonly string[] = []) {
    super(message);
    this.name = 'EffectFailed';
    this.effect = effect;
    this.exitCode = exitCode;
    this.output = output;
  }
}
