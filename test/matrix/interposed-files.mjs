// Loaded into the program with `node --import`: before each call that changes a file below the paper machine it asks the
// harness what becomes of it. So the file system is what fails or stands still; the program is the one that is shipped.
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { createConnection } from 'node:net';

const { FILE_CHANNEL: channel = '', FILE_CHANNEL_FOLDER: folder = '' } = process.env;
delete process.env.FILE_CHANNEL;
delete process.env.FILE_CHANNEL_FOLDER;

/** Asks what is to become of a call: go on, fail with this errno, or write half and die. */
function ask(call) {
  return new Promise((resolve) => {
    const socket = createConnection(channel);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text === '' ? {} : JSON.parse(text)));
    socket.on('error', () => resolve({}));
    socket.write(`${JSON.stringify(call)}\n`);
  });
}

/** The call, unless the harness decided otherwise. `half` does half of it. */
async function decided(op, path, text, go, half = async () => undefined) {
  if (!String(path).startsWith(`${folder}/`)) return await go();
  const { errno, die } = await ask({ op, path: String(path), text });
  if (errno !== undefined)
    throw Object.assign(new Error(`${errno}: planted, ${op} '${path}'`), { code: errno, syscall: op, path });
  if (die === true) {
    await half();
    process.kill(process.pid, 'SIGKILL');
  }
  return await go();
}

function halfOf(text) {
  const whole = String(text);
  return whole.slice(0, Math.ceil(whole.length / 2));
}

const real = { ...fs };
for (const op of ['mkdir', 'rename', 'rm', 'rmdir', 'unlink', 'chmod', 'symlink', 'utimes'])
  fs[op] = async (path, ...rest) => await decided(op, path, undefined, async () => await real[op](path, ...rest));
// The new name is what matters; the old one may lie elsewhere.
for (const op of ['copyFile', 'link'])
  fs[op] = async (from, to, ...rest) => await decided(op, to, undefined, async () => await real[op](from, to, ...rest));
for (const op of ['writeFile', 'appendFile'])
  fs[op] = async (path, text, ...rest) =>
    await decided(
      op,
      path,
      String(text),
      async () => await real[op](path, text, ...rest),
      async () => await real[op](path, halfOf(text), ...rest),
    );

fs.open = async (path, flags = 'r', ...rest) => {
  const open = async () => await real.open(path, flags, ...rest);
  if (typeof flags === 'string' && flags.startsWith('r') && !flags.includes('+')) return await open();
  if (typeof flags === 'number' && (flags & 3) === 0) return await open();
  return interposedHandle(await decided('open', path, undefined, open), path);
};

function interposedHandle(handle, path) {
  for (const op of ['writeFile', 'appendFile', 'write']) {
    const write = handle[op].bind(handle);
    handle[op] = async (text, ...rest) =>
      await decided(
        `file.${op}`,
        path,
        String(text),
        async () => await write(text, ...rest),
        async () => await write(halfOf(text)),
      );
  }
  for (const op of ['chmod', 'sync', 'datasync', 'truncate']) {
    const change = handle[op].bind(handle);
    handle[op] = async (...given) => await decided(`file.${op}`, path, undefined, async () => await change(...given));
  }
  return handle;
}

syncBuiltinESMExports();
