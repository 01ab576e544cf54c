import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { crc32, createGunzip } from 'node:zlib';
import { noneIfNoFile } from './file-looks.ts';

/** Characters of one line. */
const longestLine = 1_000_000;

/**
 * See `Probe.readLines`. The plain file is opened first: who compresses it takes it away when the other one is whole, so
 * whatever comes between, what is open here holds every line.
 */
export async function readPlainLines(
  path: string,
  each: (line: string) => void,
  from?: number,
): Promise<number | undefined> {
  const plain = await opened(path);
  try {
    const begin = from ?? (await readPacked(`${path}.gz`, each, plain));
    if (plain === undefined) return undefined;
    const { size } = await plain.stat();
    const start = begin > size ? 0 : begin;
    return await eachLine(plain.createReadStream({ start, highWaterMark: 262_144, autoClose: false }), each, start);
  } finally {
    await plain?.close();
  }
}

async function opened(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK).catch(noneIfNoFile);
  if (file === undefined || (await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}

/** Hands over the lines of a compressed file; returns with how many bytes of the plain one it ends. */
async function readPacked(path: string, each: (line: string) => void, plain: FileHandle | undefined): Promise<number> {
  const file = await opened(path);
  if (file === undefined) return 0;
  try {
    const held = plain === undefined ? 0 : await bytesHeld(file, plain);
    await eachLine(unpacked(file), each, 0);
    return held;
  } catch (error) {
    throw Object.assign(error as Error, { path });
  } finally {
    await file.close();
  }
}

/** A compressed file ends with the check sum and the size of its last part (RFC 1952), which is a plain file as it was then. */
async function bytesHeld(file: FileHandle, plain: FileHandle): Promise<number> {
  const { buffer } = await file.read(Buffer.alloc(8), 0, 8, Math.max(0, (await file.stat()).size - 8));
  const size = buffer.readUInt32LE(4);
  if (size === 0 || size > (await plain.stat()).size) return 0;
  let sum = 0;
  for await (const piece of plain.createReadStream({ start: 0, end: size - 1, autoClose: false }))
    sum = crc32(piece, sum);
  return sum === buffer.readUInt32LE(0) ? size : 0;
}

function unpacked(file: FileHandle): AsyncIterable<Buffer> {
  const gunzip = createGunzip();
  const packed = file.createReadStream({ start: 0, autoClose: false }).on('error', (error) => gunzip.destroy(error));
  return packed.pipe(gunzip);
}

async function eachLine(pieces: AsyncIterable<Buffer>, each: (line: string) => void, from: number): Promise<number> {
  const text = new StringDecoder('utf8');
  let begun = '';
  let read = from;
  let end = from;
  for await (const piece of pieces) {
    const last = piece.lastIndexOf(0x0a);
    if (last >= 0) end = read + last + 1;
    read += piece.length;
    const [first = '', ...others] = text.write(piece).split('\n');
    begun = (begun + first).slice(0, longestLine);
    for (const next of others) {
      each(begun);
      begun = next;
    }
  }
  if (begun !== '') each(begun);
  return end;
}
