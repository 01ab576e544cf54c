/** The version of this program, put in by the build from package.json. */
declare const PROGRAM_VERSION: string;

/** What --help says, by the words in front of it, as JSON; the package's build puts it there, and nothing else has it. */
declare const HELP_TEXTS: string | undefined;
/** The completion of every shell and the manual, put there in the same way. */
declare const HANDBOOK: string | undefined;

declare module '*?raw' {
  const text: string;
  export default text;
}

/** A folder's files by their names, including those of the folders below it. */
declare module '*?texts' {
  const texts: Readonly<Record<string, string>>;
  export default texts;
}

// undici has types for the whole package only; these are parts of it.
declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';
  export default function request(this: Dispatcher, asked: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
}

declare module 'undici/lib/dispatcher/agent.js' {
  import type { Agent } from 'undici';

  const agents: typeof Agent;
  export default agents;
}
