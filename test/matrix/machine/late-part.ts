import type { Machine } from '../../machine/lab/machine.ts';

/**
 * The last part of an installation can be done again and again on one machine: what it makes is files of the home and a
 * container. It begins with the first file that the gateway's step writes; everything before that (packages, engine,
 * tools, the pulled image) stays.
 */
const firstOfLatePart = '"state":"begun","step":"gateway","resource":"gateway configuration"';

const fetched = ['.local/share/docker', '.local/share/claude', '.local/share/mise'];
const kept = '/root/home-at-late-part.tar';

/** In the machine, as root: waits for the line, holds the program, copies the home, and lets it go on. */
export async function keepHomeAtLatePart(machine: Machine): Promise<void> {
  const held = await machine.onHost('bash -s', {
    timeoutMs: 60 * 60_000,
    input: `
${awaitLine(firstOfLatePart, 0)}
program=$(pgrep -u claude -x node)
kill -STOP $program
tar -C /home -cf ${kept} ${fetched.map((path) => `--exclude=claude/${path}`).join(' ')} claude
kill -CONT $program
`,
  });
  if (held.exitCode !== 0) throw new Error(`the home could not be copied: ${held.stderr}`);
}

/** The effects that were begun before the home was copied. */
export async function begunBeforeLatePart(machine: Machine): Promise<number> {
  const { stdout } = await machine.onHost(
    `tar -xOf ${kept} claude/.local/state/claude-routing/journal.jsonl | grep -c '"state":"begun"'`,
  );
  return Number(stdout);
}

/** Makes the machine what it was when the late part began. */
export async function backToLatePart(machine: Machine): Promise<void> {
  const back = await machine.onHost('bash -s', {
    timeoutMs: 120_000,
    input: `set -e
docker() { runuser -u claude -- docker -H unix:///run/user/1000/docker.sock "$@"; }
for container in $(docker ps -aq); do docker rm -f $container; done
docker network prune -f
rest() { local in=$1; shift; find "$in" -mindepth 1 -maxdepth 1 "$@" -exec rm -rf {} +; }
rest /home/claude ! -name .local
rest /home/claude/.local ! -name share
rest /home/claude/.local/share ! -name docker ! -name claude ! -name mise
tar -C /home -xpf ${kept}
`,
  });
  if (back.exitCode !== 0) throw new Error(`the home could not be put back: ${back.stderr}`);
}

/** Bash that waits until the journal has a line with this text behind its first `from` lines. */
export function awaitLine(text: string, from: number): string {
  const journal = '/home/claude/.local/state/claude-routing/journal.jsonl';
  return `grep -m1 -qF -f <(cat <<'LINE'
${text}
LINE
) < <(exec tail -n +${from + 1} -s 0.1 -F ${journal} 2>/dev/null)`;
}
