import { request as httpRequest, type RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInstalledWorld } from '../machine/installed-world.ts';
import { INSIDE } from '../machine/lab/wire.ts';
import type { World } from '../machine/world.ts';
import { engine } from './engine.ts';
import { asToday, type LlamaServer, startLlama } from './llama-server.ts';

const MODEL = 'smollm2-135m';

/** Hands everything on to a server as it is, but that an answer ends after a few words: a model of this size finds no end by itself. */
function handTo(url: string): RequestListener {
  return async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    const body = text.replace(/"max_tokens": ?\d+/, '"max_tokens":24');
    const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
    delete (headers as Record<string, unknown>)['transfer-encoding'];
    const asked = httpRequest(
      url + (request.url ?? ''),
      { method: request.method, headers, agent: false },
      (answer) => {
        const { 'content-length': _length, ...told } = answer.headers;
        response.writeHead(answer.statusCode ?? 502, told);
        answer.on('data', (piece: Buffer) =>
          response.write(
            piece.toString('latin1').replace('"stop_reason":"max_tokens"', '"stop_reason":"end_turn"'),
            'latin1',
          ),
        );
        answer.on('end', () => response.end());
      },
    );
    asked.on('error', () => response.destroy());
    response.on('close', () => asked.destroy());
    asked.end(body);
  };
}

describe('a machine in front of a real llama.cpp', () => {
  let llama: LlamaServer;
  let world: World;
  beforeAll(async () => {
    llama = await startLlama(await engine(), { host: '127.0.0.1', port: 18_094, ...asToday });
    world = await openInstalledWorld((line) => console.log(`world: ${line}`));
    await world.lab.listen('lmStudio', 8080, handTo(llama.url));
  });
  afterAll(async () => {
    await world?.close();
    await llama?.stop();
  });

  interface Entry {
    readonly case?: string;
    readonly outcome?: string;
    readonly happened?: string;
    readonly problem?: string;
  }

  it('is installed, and status and doctor find nothing wrong', async () => {
    const local = `--set localModel.address=${INSIDE.lmStudio}:8080 --set localModel.model=${MODEL}`;
    const installed = await world.install(`--yes ${local}`);
    console.log(installed.stdout.slice(-3000));
    expect(installed).toMatchObject({ exitCode: 0 });
    const status = await world.install('status');
    console.log(status.stdout);
    expect(status.stdout).toMatch(/queue +2 at once, as llama\.cpp says/);
    const doctor = await world.install('doctor');
    console.log(doctor.stdout);
    expect(doctor).toMatchObject({ exitCode: 0 });
  });

  it('keeps every promise but those of a model that can call tools', async () => {
    const { stdout } = await world.install('drill --yes --json', { timeoutMs: 15 * 60_000 });
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry);
    console.log(entries.map((one) => `${one.outcome} ${one.case}: ${one.happened} ${one.problem ?? ''}`).join('\n'));
    expect(entries.filter(({ outcome }) => outcome === 'broken').map((one) => one.case)).toEqual(['local-tool']);
  });
});
