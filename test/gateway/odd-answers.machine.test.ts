import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import serversText from '../../templates/gateway/local/local_servers.py?raw';
import type { Fault } from '../machine/stand-ins/fault.ts';
import { lmStudio } from '../machine/stand-ins/lm-studio.ts';
import { ask, claudeRequest, type GatewayReply } from './messages-client.ts';
import { type Scene, setScene } from './scene.ts';

const second = lmStudio({ contextLength: 65_536, strictTemplate: true });
const session = '0b1c2d3e-1234-4abc-8def-0123456789ab';

let scene: Scene;
beforeAll(async () => {
  const impatient = serversText.replace('REST_SECONDS = 30', 'REST_SECONDS = 0.2');
  scene = await setScene({
    further: second,
    modules: { 'local_servers.py': impatient },
    environment: { LOCAL_PARALLEL: '1' },
  });
});
afterAll(() => scene?.close());

const say = (stream: boolean): Promise<GatewayReply> =>
  ask(
    scene.gateway,
    claudeRequest('local-only', 'hello', { stream }),
    scene.gateway.key,
    { 'x-claude-code-session-id': session },
    20_000,
  );

const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const close = 'connection: close\r\n\r\n';
const started = 'event: message_start\ndata: {"type":"message_start","message":{}}\n\n';
const raw = (text: string, end?: 'reset'): Fault => ({
  on: 'generation',
  does: 'raw',
  text,
  times: 1,
  ...(end === undefined ? {} : { end }),
});

/** What is no answer, and whether another server may be asked in its place. */
const answers: readonly (readonly [string, Fault, 'elsewhere' | 'told'])[] = [
  ['another protocol', raw('SSH-2.0-OpenSSH_10.0\r\n'), 'elsewhere'],
  ['nothing', raw(''), 'elsewhere'],
  ['nothing, and a reset', raw('', 'reset'), 'elsewhere'],
  ['half a head', raw('HTTP/1.1 200 OK\r\ncontent-ty'), 'elsewhere'],
  ['a head alone', raw(`${head}${close}`), 'elsewhere'],
  ['a head and a reset', raw(`${head}${close}`, 'reset'), 'elsewhere'],
  ['a head that is too long', raw(`${head}x: ${'x'.repeat(100_000)}\r\n${close}`), 'elsewhere'],
  ['two lengths', raw(`${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`), 'elsewhere'],
  ['a chunk that is none', raw(`${head}transfer-encoding: chunked\r\n\r\nxyz\r\n`), 'elsewhere'],
  ['a beginning alone', raw(`${head}${close}${started}`), 'elsewhere'],
  ['a beginning and a reset', raw(`${head}${close}${started}`, 'reset'), 'elsewhere'],
  ['what claims to be compressed', raw(`${head}content-encoding: gzip\r\n${close}${started}`), 'elsewhere'],
  [
    'compressed rubbish',
    raw(`${head}content-encoding: gzip\r\n${close}${gzipSync('x').toString('latin1')}`),
    'elsewhere',
  ],
  ['a page', raw('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>'), 'elsewhere'],
  ['a refusal', raw(`HTTP/1.1 400 no\r\ncontent-type: application/json\r\n${close}{"error":"no"}`), 'told'],
  ['a status that is none', raw(`HTTP/1.1 999 no\r\n${close}`), 'told'],
];

it.each(answers)('%s of a server leaves its slot free', async (_, fault, becomes) => {
  for (const stream of [true, false]) {
    await sleep(300);
    scene.reset();
    await say(stream);
    const home = scene.lmStudio.requests.some(({ method }) => method === 'POST') ? scene.lmStudio : second;
    home.settings.faults.push({ ...fault });
    const reply = await say(stream);
    expect(reply.status === 200 && reply.error === undefined).toBe(becomes === 'elsewhere');
    await sleep(300);
    const after = await say(stream);
    expect(after).toMatchObject({ status: 200, error: undefined });
    expect(after.ms).toBeLessThan(5000);
  }
});
