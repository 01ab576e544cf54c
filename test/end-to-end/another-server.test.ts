import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { serveListener } from '../services/loopback.ts';
import { answersPath, freshMachine, installed } from './paper.ts';

/** Nothing listens there. */
const closed = 'http://127.0.0.1:9';
const model = 'qwen/qwen3.6-35b-a3b';
const list = (owner: string) => ({ object: 'list', data: [{ id: model, owned_by: owner }] });

/** What each kind says of itself; it answers messages as the stand-in for LM Studio does. */
const kinds = {
  'llama.cpp': {
    port: 8080,
    says: {
      '/props': { default_generation_settings: { n_ctx: 65_536 }, total_slots: 1 },
      '/v1/models': list('llamacpp'),
    },
  },
  Ollama: {
    port: 11434,
    says: {
      '/api/version': { version: '0.14.2' },
      '/api/tags': { models: [{ name: model, capabilities: ['completion', 'tools'] }] },
      '/api/ps': { models: [{ name: model, context_length: 65_536 }] },
      '/v1/models': list('library'),
    },
  },
} as const;

/** Everything that can be read after an installation, and a run over a server that is off. */
const commands = [['status'], ['doctor'], ['plan', '--verbose'], ['usage'], ['routing', 'explain'], ['use']];

async function withServer(name: keyof typeof kinds): Promise<PaperMachine> {
  const machine = await freshMachine();
  const { port, says } = kinds[name];
  const address = `http://192.168.1.30:${port}`;
  const server = await serveListener((request, response) => {
    const said = Object.entries(says).find(([path]) => path === request.url)?.[1];
    if (request.url?.startsWith('/v1/messages')) machine.world.lmStudio.handle(request, response);
    else if (said !== undefined) response.end(JSON.stringify(said));
    else response.writeHead(404).end('{"error":{"message":"not found"}}');
  });
  // Its other ports, and then its own.
  machine.redirect('http://192.168.1.30:', `${closed}/`);
  machine.redirect(address, server);
  const answers = readFileSync(answersPath(machine), 'utf8');
  writeFileSync(answersPath(machine), answers.replace('address: 192.168.1.20', `address: ${address}`));
  return machine;
}

it.each(['llama.cpp', 'Ollama'] as const)(
  'whoever has %s reads of no other kind of server',
  async (name) => {
    const machine = await installed(await withServer(name));
    expect((await runInstaller(machine, ['status'])).output).toContain(`${name} at http://192.168.1.30`);
    const read = async (when: string) => {
      for (const words of commands) {
        const { output } = await runInstaller(machine, words);
        expect(output, `${words.join(' ')}, ${when}`).not.toMatch(/LM.?Studio|\blms\b/i);
      }
    };
    await read('as installed');
    machine.redirect(`http://192.168.1.30:${kinds[name].port}`, closed);
    await read('switched off');
  },
  240_000,
);
