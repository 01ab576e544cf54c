import { describe, expect, it } from 'vitest';
import { findUsualPort, withUsualPort } from '../../../src/components/lm-studio/local-server.ts';
import type { HttpRequest } from '../../../src/host/host.ts';
import { exchange } from '../../../src/host/http-client.ts';
import type { Problem } from '../../../src/problem.ts';
import type { ProblemCode } from '../../../src/problem-codes/index.ts';
import { lmStudio } from '../../machine/stand-ins/lm-studio.ts';
import { serve, serveRoutes } from '../../services/loopback.ts';

const machine = 'http://192.168.1.20';

/** A machine on which these ports are served by what stands at these addresses; every other port is closed. */
function machineWith(ports: Readonly<Record<string, string>>) {
  const dialled: string[] = [];
  return {
    dialled,
    http: async (request: HttpRequest) => {
      const { origin, port } = new URL(request.url);
      dialled.push(`${origin}${Object.keys(request.headers ?? {}).length === 0 ? '' : ' with headers'}`);
      const there = ports[port];
      if (there === undefined) return { reached: false, failure: 'refused', detail: 'ECONNREFUSED', ms: 1 } as const;
      return await exchange({ ...request, url: request.url.replace(origin, there) });
    },
  };
}

const problem = (code: ProblemCode): Problem => ({ code, problem: 'Nothing there.', fix: 'start it' });
const ollama = async () => await serveRoutes({ 'GET /api/version': { body: { version: '0.14.2' } } });

describe('a model server at another port of the same machine', () => {
  it('is found at the usual ports, the likeliest first, without a token', async () => {
    const probe = machineWith({ '11434': await ollama(), '1234': await serve(lmStudio()) });
    const found = await findUsualPort(probe, `${machine}:5555`, problem('connection-refused'));
    expect(found).toEqual({ address: `${machine}:1234`, port: '1234', who: 'LM Studio' });
    expect(new Set(probe.dialled)).toEqual(
      new Set([1234, 11434, 8080, 8000, 1337].map((port) => `${machine}:${port}`)),
    );
  });

  it('is not looked for at the port that was dialled, nor taken for one when it is something else', async () => {
    const web = await serveRoutes({ 'GET /': { body: '<!doctype html>' } });
    const probe = machineWith({ '8080': web });
    expect(await findUsualPort(probe, `${machine}:1234`, problem('timed-out'))).toBeUndefined();
    expect(probe.dialled).not.toContain(`${machine}:1234`);
  });

  it('is told where it wants a token', async () => {
    const probe = machineWith({ '1234': await serve(lmStudio({ tokens: ['sk-lm-x'] })) });
    const found = await findUsualPort(probe, `${machine}:80`, problem('not-a-model-server'));
    expect(found).toMatchObject({ port: '1234', who: 'A model server that wants a token' });
  });

  it.each(['name-not-found', 'host-unreachable', 'local-token-missing', 'local-token-refused'] as const)(
    'is not looked for where the port is not what is wrong: %s',
    async (code) => {
      const probe = machineWith({ '1234': await serve(lmStudio()) });
      expect(await findUsualPort(probe, `${machine}:80`, problem(code))).toBeUndefined();
      expect(probe.dialled).toEqual([]);
    },
  );

  it('is named in the problem, with what to type', async () => {
    const probe = machineWith({ '11434': await ollama() });
    expect(await withUsualPort(probe, `${machine}:1234`, problem('connection-refused'))).toEqual({
      code: 'connection-refused',
      problem: 'Nothing there. Ollama answers on port 11434 of the same machine.',
      fix: 'use that port:  claude-routing-install --set localModel.address=http://192.168.1.20:11434',
    });
    const closed = machineWith({});
    expect(await withUsualPort(closed, `${machine}:1234`, problem('timed-out'))).toEqual(problem('timed-out'));
  });
});
