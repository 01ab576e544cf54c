import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { listGatewayModels, readiness, requiresKey } from '../../../../src/components/gateway/requests/client.ts';
import { Secret } from '../../../../src/host/secret.ts';
import { closedAddress } from '../../../machine/stand-ins/stand-in.ts';
import { recordingProbe, serveListener, serveRaw, serveRoutes } from '../../../services/loopback.ts';
import { problemIn, valueIn } from '../../../value-in.ts';

const text = `sk-${randomBytes(16).toString('hex')}`;
const key = new Secret(text);
const another = new Secret(`sk-${randomBytes(16).toString('hex')}`);

/** Replies as LiteLLM 1.108.14 without a database was seen to give them. */
const seen = {
  ready: { status: 200, body: { status: 'healthy', db: 'Not connected' } },
  noKey: {
    status: 401,
    body: {
      error: { message: 'Authentication Error, No api key passed in.', type: 'auth_error', param: 'None', code: '401' },
    },
  },
  wrongKey: {
    status: 400,
    body: { error: { message: 'No connected db.', type: 'no_db_connection', param: null, code: '400' } },
  },
  models: {
    status: 200,
    body: {
      object: 'list',
      data: [
        { id: 'local', object: 'model' },
        { id: 'claude-sonnet-5-5', object: 'model' },
      ],
    },
  },
};

/** The gateway as far as these functions see it, living by `text`, or by no key. */
function gateway(withKey = true): Promise<string> {
  return serveListener((request: IncomingMessage, response: ServerResponse) => {
    const given = request.headers.authorization;
    const refused = given === undefined ? seen.noKey : given === `Bearer ${text}` ? undefined : seen.wrongKey;
    const answer = request.url === '/health/readiness' ? seen.ready : ((withKey ? refused : undefined) ?? seen.models);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
}

describe('readiness', () => {
  it('needs no key', async () => {
    const probe = recordingProbe();
    expect(await readiness(probe, await gateway())).toEqual({ ready: true, ms: expect.any(Number) });
    expect(probe.sent).toEqual(['GET /health/readiness']);
  });

  it.each([
    ['a stopped gateway', closedAddress, 'No gateway runs'],
    [
      'one that is starting',
      () => serveRoutes({ 'GET /health/readiness': { status: 503, body: 'wait' } }),
      'is starting',
    ],
    ['something else', () => serveRoutes({}), 'status 404'],
    ['a port that opens and closes', () => serveRaw((socket) => socket.destroy()), 'does not answer like the gateway'],
  ])('%s is not ready', async (_, start, words) => {
    expect(await readiness(recordingProbe(), await start())).toMatchObject({
      ready: false,
      problem: expect.stringContaining(words),
    });
  });
});

describe('the key', () => {
  it('opens the list of models', async () => {
    expect(valueIn(await listGatewayModels(recordingProbe(), await gateway(), key))).toEqual([
      'local',
      'claude-sonnet-5-5',
    ]);
  });

  it('when wrong is told from any other trouble, and not shown', async () => {
    const found = await listGatewayModels(recordingProbe(), await gateway(), another);
    expect(problemIn(found)).toMatchObject({ problem: expect.stringContaining('does not accept our key') });
    expect(JSON.stringify(found)).not.toContain(another.reveal().slice(0, 10));
  });

  it('is required, or not', async () => {
    expect(valueIn(await requiresKey(recordingProbe(), await gateway()))).toBe(true);
    expect(valueIn(await requiresKey(recordingProbe(), await gateway(false)))).toBe(false);
    expect(problemIn(await requiresKey(recordingProbe(), await closedAddress()))).toMatchObject({
      problem: expect.stringContaining('No gateway runs'),
    });
    const broken = await serveRoutes({ 'GET /v1/models': { status: 500, body: 'Internal Server Error' } });
    expect(problemIn(await requiresKey(recordingProbe(), broken))).toMatchObject({
      problem: expect.stringContaining('status 500'),
    });
  });
});
