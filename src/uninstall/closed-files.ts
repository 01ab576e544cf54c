import { refusalIn, refusalProblem } from '../engine/errno.ts';
import type { Kept } from '../engine/event.ts';
import type { Host } from '../host/host.ts';
import { shellWord } from '../shell/word.ts';

/** In the place of what a folder holds that may not be looked into; at its path nothing is ever found. */
const unseen = 'what nobody may see';

/**
 * The same host, on which a file that cannot be read reads as none, and a folder as one that holds something: whatever is ours
 * in it stays, and it keeps nothing else from its turn. `closed` tells those that were met.
 */
export function pastClosedFiles(host: Host): { readonly host: Host; readonly closed: () => readonly Kept[] } {
  const met = new Map<string, Kept>();
  const unless = async <Found, None>(path: string, look: Promise<Found>, none: None): Promise<Found | None> => {
    try {
      return await look;
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal === undefined) throw error;
      const why = `what may be ours in it stays: ${refusalProblem({ ...refusal, path }).problem}`;
      met.set(path, { what: path, why, command: `ls -ld ${shellWord(path)}` });
      return none;
    }
  };
  return {
    closed: () => [...met.values()],
    host: {
      readFile: async (path) => await unless(path, host.readFile(path), undefined),
      readLines: async (path, each, from) => await host.readLines(path, each, from),
      stat: async (path) => (path.endsWith(`/${unseen}`) ? undefined : await host.stat(path)),
      list: async (path) => await unless(path, host.list(path), [unseen]),
      query: async (command) => await host.query(command),
      http: async (request) => await host.http(request),
      perform: async (effect) => await host.perform(effect),
    },
  };
}
