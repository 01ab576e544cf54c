import type { Command } from './host.ts';

/**
 * Begins a command and does not wait for it. `name` is what the action log knows it by. It ends with this program, with all that
 * it started: nothing works behind the back of a person who pressed Ctrl-C.
 */
export function beside(name: string, { file, args, ...more }: Command): Command {
  return { ...more, file: 'bash', args: ['-c', watched, name, file, ...args] };
}

/** The parent is this program; a separate job is a process group, which can be ended as one. */
const watched =
  'input=$(cat); (set -m; "$@" <<<"$input" & while kill -0 "$PPID" && kill -0 "$!"; do sleep 1; done; kill -- "-$!") </dev/null >/dev/null 2>&1 &';
