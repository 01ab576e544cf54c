import { expect, it } from 'vitest';
import { reply } from './name-server.ts';

const ADDRESS = 1;
const IPV6_ADDRESS = 28;

function question(name: string, type: number): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]);
}

const lookUp = (name: string) => (name === 'deb.lab' ? '10.77.0.1' : undefined);

it('answers with the address of a name it knows, whatever its case', () => {
  const answer = reply(question('Deb.Lab', ADDRESS), lookUp);
  expect(answer?.subarray(0, 2)).toEqual(Buffer.from([0xab, 0xcd]));
  expect(answer?.readUInt16BE(6)).toBe(1);
  expect([...(answer?.subarray(-4) ?? [])]).toEqual([10, 77, 0, 1]);
});

it('knows no other records of that name, and says so without denying the name', () => {
  const answer = reply(question('deb.lab', IPV6_ADDRESS), lookUp);
  expect([answer?.readUInt16BE(6), (answer?.readUInt16BE(2) ?? 0) & 15]).toEqual([0, 0]);
});

it('denies a name it does not know', () => {
  expect((reply(question('example.com', ADDRESS), lookUp)?.readUInt16BE(2) ?? 0) & 15).toBe(3);
});

it.each([
  ['an empty packet', Buffer.alloc(0)],
  ['a question that is cut off', question('deb.lab', ADDRESS).subarray(0, 19)],
  [
    'a name that runs out of the packet',
    Buffer.concat([question('a', ADDRESS).subarray(0, 12), Buffer.from([60, 1, 1, 1, 1])]),
  ],
])('is silent for %s', (_what, packet) => {
  expect(reply(packet, lookUp)).toBeUndefined();
});
