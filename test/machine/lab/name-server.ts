import { createSocket } from 'node:dgram';

const ADDRESS = 1;
const CLASS_INTERNET = 1;
const NO_SUCH_NAME = 3;
const LIFETIME_SECONDS = 5;

/** A DNS server that knows the lab's names and nothing else. */
export interface NameServer {
  /** Names that were asked for and do not exist here, in order, each once. */
  readonly unknownNames: ReadonlySet<string>;
  close(): void;
}

/** Answers on UDP port 53 of `address`. `lookUp` gives the IPv4 address of a name; other record types come back empty. */
export async function serveNames(address: string, lookUp: (name: string) => string | undefined): Promise<NameServer> {
  const unknownNames = new Set<string>();
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const answer = reply(query, (name) => {
      const found = lookUp(name);
      if (found === undefined) unknownNames.add(name);
      return found;
    });
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(53, address, resolve);
  });
  return { unknownNames, close: () => void socket.close() };
}

/** The answer to a DNS query in wire format (RFC 1035, section 4); undefined for what is not a query of one question. */
export function reply(query: Buffer, lookUp: (name: string) => string | undefined): Buffer | undefined {
  if (query.length < 17 || query.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0 && length < 64; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5;
  if (end > query.length) return undefined;
  const address = lookUp(labels.join('.').toLowerCase());
  const asked = query.readUInt16BE(at + 1) === ADDRESS && query.readUInt16BE(at + 3) === CLASS_INTERNET;
  const record = address !== undefined && asked ? addressRecord(address) : Buffer.alloc(0);
  const header = Buffer.from(query.subarray(0, 12));
  // Response, authoritative, recursion as asked for and available.
  header.writeUInt16BE(0x8480 | (header.readUInt16BE(2) & 0x0100) | (address === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(record.length > 0 ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, query.subarray(12, end), record]);
}

function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc00c, 0); // the name: a pointer to the question
  record.writeUInt16BE(ADDRESS, 2);
  record.writeUInt16BE(CLASS_INTERNET, 4);
  record.writeUInt32BE(LIFETIME_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  address.split('.').forEach((part, index) => {
    record[12 + index] = Number(part);
  });
  return record;
}
