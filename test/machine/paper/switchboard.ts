import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import type { Call, Reply } from './program.ts';

/** Where the stand-ins call in. */
export interface Switchboard {
  readonly port: number;
  close(): Promise<void>;
}

/** Takes the calls of the stand-in scripts (see `stubScript`) and gives back what `perform` answers, as bash. */
export async function openSwitchboard(perform: (call: Call) => Promise<Reply>): Promise<Switchboard> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    answerOn(socket, perform);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const end = '\0end\0';

function answerOn(socket: Socket, perform: (call: Call) => Promise<Reply>): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (!text.endsWith(end)) return;
    void perform(parseCall(text.slice(0, -end.length))).then((reply) => socket.end(`${replyScript(reply)}\0`));
  });
}

/** Name, directory, input, number of words, the words, then the environment as NAME=value. */
function parseCall(text: string): Call {
  const [program = '', cwd = '', input = '', count = '0', ...rest] = text.split('\0');
  const words = Number(count);
  const pairs = rest.slice(words).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  return {
    program,
    cwd,
    input,
    args: rest.slice(0, words),
    env: Object.fromEntries(pairs) as Record<string, string>,
    asRoot: false,
  };
}

function replyScript({ stdout, stderr, exitCode }: Reply): string {
  return `printf %s ${quoted(stdout)}; printf %s ${quoted(stderr)} >&2; exit ${exitCode}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * What stands in a paper machine in the place of every program: it tells the switchboard what it was called with and
 * does what that answers. Bash because it starts in two milliseconds and can dial without help.
 */
export function stubScript(port: number): string {
  return `#!/bin/bash
# Stands for a program of a paper machine.
name=\${0##*/}
exec 9<>/dev/tcp/127.0.0.1/${port} || exit 98
input=
case $name in bash | gpg | setsid | sudo | runuser) [ -t 0 ] || IFS= read -r -d '' input ;; esac
{
  printf '%s\\0' "$name" "$PWD" "$input" "$#" "$@"
  for variable in $(compgen -e); do printf '%s\\0' "$variable=\${!variable}"; done
  printf 'end\\0'
} >&9
IFS= read -r -d '' -u 9 reply || exit 98
eval "$reply"
`;
}
