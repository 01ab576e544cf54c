import { createServer, type Socket } from 'node:net';

/** A call that is about to change a file of the machine. */
export interface FileCall {
  readonly op: string;
  readonly path: string;
  /** What is to be written. */
  readonly text?: string;
}

/** What becomes of a call; nothing given: it is done. */
export interface FileVerdict {
  readonly errno?: string;
  /** Half of it is written, then the program is killed. */
  readonly die?: boolean;
}

export interface FileChannel {
  /** Words for Node and variables for `interposed-files.mjs`. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Where the program asks before each change of a file; see interposed-files.mjs. */
export async function openFileChannel(
  folder: string,
  decide: (call: FileCall) => Promise<FileVerdict>,
): Promise<FileChannel> {
  const path = `${folder}.files`;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.endsWith('\n')) return;
      void decide(JSON.parse(text) as FileCall).then((verdict) => socket.end(JSON.stringify(verdict)));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const preload = new URL('./interposed-files.mjs', import.meta.url);
  return {
    env: { FILE_CHANNEL: path, FILE_CHANNEL_FOLDER: folder, NODE_OPTIONS: `--import=${preload.href}` },
    close: async () => {
      // Of a program that was killed in the middle of its question the other half stays open.
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
