import { expect, it } from 'vitest';
import { python } from './hook-python.ts';

/** What is read of a text that comes in pieces of 1, 2, 3, … bytes, and at once: kind and data of each event. */
const read = `
import server_events
def read(text, size):
    events, bytes = server_events.Events(), text.encode()
    came = [event for at in range(0, len(bytes), size) for event in events.read(bytes[at:at + size])] + events.end()
    return [[event.kind.decode(), event.data.decode()] for event in came]
ways = [read(given, size) for size in (*range(1, 20), 1 << 20)]
assert all(way == ways[0] for way in ways), ways
print(json.dumps(ways[0]))`;

it.each([
  ['event: ping\ndata: {}\n\n', [['ping', '{}']]],
  ['event: ping\rdata: {}\r\r', [['ping', '{}']]],
  ['event: ping\r\ndata: {}\r\n\r\n', [['ping', '{}']]],
  ['\uFEFFevent:ping\ndata:{}\n\n', [['ping', '{}']]],
  ['data: {}\nevent: ping\n\n', [['ping', '{}']]],
  ['data:  {}\n\n', [['', ' {}']]],
  [
    ': so\ndata: {"type": "ping"}\n\n',
    [
      [':', ': so'],
      ['ping', '{"type": "ping"}'],
    ],
  ],
  ['id: 1\nretry: 5\ndata: {"a": 1, "type": "ping"}\n\n', [['ping', '{"a": 1, "type": "ping"}']]],
  ['data: {"type":\ndata: "error"}\n\n', [['error', '{"type": "error"}']]],
  ['data: {"error": "so"}\n\n', [['error', '{"error": "so"}']]],
  ['event: error\ndata: {"type": "api_error"}\n\n', [['error', '{"type": "api_error"}']]],
  ['event: x\ndata: {"type": "message_stop"}\n\n', [['message_stop', '{"type": "message_stop"}']]],
  ['event: message\ndata: {"type": "whatever"}\n\n', [['message', '{"type": "whatever"}']]],
  ['event: message_stop\n\n', [['message_stop', '']]],
  ['data: [DONE]\n\n', [['', '[DONE]']]],
  ['data: {"type": "message_stop"}', [['message_stop', '{"type": "message_stop"}']]],
  ['data: {"type": "message_st', []],
  ['\n\n\n', []],
  ['', []],
] as const)('%j is %j', (text, events) => {
  expect(python(read, text)).toEqual(events);
});

it('an event that never ends is none', () => {
  const endless = `
import server_events
server_events.LARGEST_EVENT, events, told = 1000, server_events.Events(), ""
try:
    for _ in range(2000):
        events.read(given.encode())
except ValueError as error:
    told = str(error)
print(json.dumps(told))`;
  for (const piece of ['x', 'data: x\n']) expect(python(endless, piece)).toBe('an event has no end');
});
