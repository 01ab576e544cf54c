import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/host/secret.ts';
import { bearer, isWebPage, quotable, streamEvents, tellsError, upstreamError } from '../../src/http/reply-body.ts';

describe('what a server says went wrong', () => {
  it.each([
    ['{"error":"as a string"}', 'as a string', undefined, undefined],
    ['{"error":{"message":"m","type":"t","code":400}}', 'm', 't', '400'],
    [
      '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      'Overloaded',
      'overloaded_error',
      undefined,
    ],
    ['{"error":{"code":"DeploymentNotFound","message":"gone"}}', 'gone', undefined, 'DeploymentNotFound'],
    ['{"message":"m"}', 'm', undefined, undefined],
    ['{"detail":"Not Found"}', 'Not Found', undefined, undefined],
    [
      'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"mid-stream"}}\n\n',
      'mid-stream',
      'api_error',
      undefined,
    ],
  ])('%s', (body, message, type, code) => {
    expect(upstreamError(body)).toEqual({ message, type, code });
  });

  it.each(['', '{}', '[]', '{"error":null}', '{"models":[]}', '<html>', '{"error'])('%j tells of no error', (body) => {
    expect(upstreamError(body)).toBeUndefined();
  });
});

describe("another program's words", () => {
  const secret = new Secret(`sk-lm-${randomBytes(12).toString('hex')}`);
  const value = secret.reveal();

  it.each([
    ['whole', `Malformed token provided: ${value}`],
    ['its beginning', `Malformed token provided: ${value.slice(0, 10)}…`],
    ['its end', `key ending in ${value.slice(-8)} is unknown`],
    ['twice', `${value} ${value.slice(0, 12)}`],
  ])('lose a key that is in them: %s', (_, text) => {
    const shown = quotable(text, [secret]);
    expect(shown).not.toContain(value.slice(0, 6));
    expect(shown).not.toContain(value.slice(-6));
    expect(shown).toContain('••••');
  });

  it('lose what looks like a key even when it is none of ours', () => {
    expect(quotable(`Incorrect API key: ${value}`)).toBe('Incorrect API key: ••••');
    expect(quotable(`id ${randomBytes(20).toString('hex')}1`)).toBe('id ••••');
  });

  it('keep model ids, and become one line of at most 200 characters', () => {
    expect(quotable('no\n  qwen/qwen3.6-35b-a3b,\tnor claude-haiku-4-5-20251001')).toBe(
      'no qwen/qwen3.6-35b-a3b, nor claude-haiku-4-5-20251001',
    );
    expect(quotable('word '.repeat(100))).toHaveLength(200);
  });
});

it('a web page is told from an answer', () => {
  expect(isWebPage('\n<!DOCTYPE html><title>Router</title>')).toBe(true);
  expect(isWebPage('{"html":"<html>"}')).toBe(false);
});

it('a token goes into the Authorization header as a secret', () => {
  const header = bearer(new Secret('abc')).authorization;
  expect(header).toBeInstanceOf(Secret);
  expect(header?.reveal()).toBe('Bearer abc');
  expect(bearer(undefined)).toEqual({});
});

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
