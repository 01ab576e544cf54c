import { expect, it } from 'vitest';
import { streamEvents, tellsError } from '../../src/http/reply-body.ts';

it.each([
  ['event: ping\ndata: {}\n\n', [['ping', '{}']]],
  ['event:ping\rdata:{}\r\r', [['ping', '{}']]],
  ['\uFEFFevent: ping\r\ndata: {}\r\n\r\n', [['ping', '{}']]],
  ['data: {}\nevent: ping\n\n', [['ping', '{}']]],
  [': so\n\ndata: {"type":\ndata: "x"}\n\n', [['x', '{"type":\n"x"}']]],
  ['data: {"type": "ping"}', [['ping', '{"type": "ping"}']]],
  ['{"type": "message"}', []],
] as const)('%j is read as %j', (body, events) => {
  expect(streamEvents(body).map(({ event, data }) => [event, data])).toEqual(events);
});

it.each(['event: error\ndata: {}\n\n', 'data: {"type":"error"}\n\n'])('%j tells of an error', (body) => {
  expect(tellsError(body)).toBe(true);
});
