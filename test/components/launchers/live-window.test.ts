import { randomBytes } from 'node:crypto';
import { readFileSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { everythingTo } from '../../../src/components/gateway/routing/profiles.ts';
import { type LauncherModels, outputLimit } from '../../../src/components/launchers/environment.ts';
import type { LauncherName } from '../../../src/layout.ts';
import { type Machine, machine, models, secrets, start } from '../../render/launcher-box.ts';
import { put, run, scratchDirectory } from '../../render/scratch.ts';

/** What a server says by path; anything else is its own kind of "no". */
type Replies = Readonly<Record<string, unknown>>;

interface ModelServer {
  readonly address: string;
  readonly asked: readonly IncomingMessage[];
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** Answers with pretty-printed JSON as LM Studio does; a text is sent as it is and `undefined` never. */
async function serve(
  replies: Replies,
  other: unknown = { error: 'Unexpected endpoint or method.' },
): Promise<ModelServer> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const reply = request.url !== undefined && request.url in replies ? replies[request.url] : other;
    if (reply !== undefined) response.end(typeof reply === 'string' ? reply : JSON.stringify(reply, null, 2));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const model = 'qwen/qwen3.6-35b-a3b';

function listed(key: string, ...instances: readonly (readonly [string, number])[]): object {
  return {
    type: 'llm',
    key,
    loaded_instances: instances.map(([id, size]) => ({ id, config: { context_length: size } })),
  };
}

const v1 = (...entries: readonly object[]): Replies => ({ '/api/v1/models': { models: entries } });

/** Its launchers wait for longer than real ones, so that a busy machine changes nothing. */
function box(address: string, change: Partial<LauncherModels> = {}): Machine {
  const made = machine(undefined, { ...models, server: { addresses: [address], model }, ...change });
  for (const path of Object.values(made.layout.launchers)) {
    put(path, readFileSync(path, 'utf8').replace('+ 250000))', '+ 900000))'), 0o755);
  }
  return made;
}

async function declared(
  address: string,
  name: LauncherName = 'claude-local',
): Promise<readonly (string | undefined)[]> {
  const { env, exitCode, stderr } = await start(box(address), name, { args: ['-p', 'hi'] });
  expect([exitCode, stderr]).toEqual([0, '']);
  return ['CLAUDE_CODE_MAX_CONTEXT_TOKENS', 'CLAUDE_CODE_MAX_OUTPUT_TOKENS'].map((variable) => env.get(variable));
}

describe('the window that is loaded now', () => {
  it.each<[string, Replies, number]>([
    ['LM Studio', v1(listed('other', ['other', 4096]), listed(model, [model, 32_768])), 32_768],
    ['LM Studio, an instance with a name of its own', v1(listed('other', [model, 40_960])), 40_960],
    ['LM Studio, by the instance rather than the key', v1(listed(model, ['x', 8192], [model, 49_152])), 49_152],
    ['LM Studio, by the key where no instance has the name', v1(listed(model, ['x', 24_576])), 24_576],
    [
      'an older LM Studio',
      {
        '/api/v0/models': {
          data: [
            { id: 'other', loaded_context_length: 1 },
            { id: model, state: 'loaded', loaded_context_length: 16_384 },
          ],
        },
      },
      16_384,
    ],
    ['Ollama', { '/api/ps': { models: [{ name: model, context_length: 20_480 }] } }, 20_480],
    ['llama.cpp', { '/props': { default_generation_settings: { n_ctx: 12_288 } } }, 12_288],
    ['vLLM', { '/v1/models': { object: 'list', data: [{ id: model, max_model_len: 131_072 }] } }, 131_072],
  ])('is declared: %s', async (_, replies, window) => {
    const { address } = await serve(replies, '404 page not found');
    expect(await declared(address)).toEqual([String(window), String(outputLimit(window))]);
  });

  it.each([1024, 4096, 8191, 8192, 16_384, 65_535, 65_536, 262_144])(
    'leaves as much room for the answer as the installer: %s',
    async (window) => {
      const { address } = await serve(v1(listed(model, [model, window])));
      expect(await declared(address)).toEqual([String(window), String(outputLimit(window))]);
    },
  );

  it.each<[string, Replies, unknown]>([
    ['another model is loaded', v1(listed('other', ['other', 4096]), listed(model)), {}],
    ['the server wants a token', {}, { error: { message: 'token required', code: 'invalid_api_key' } }],
    ['it says no number', v1({ key: model, loaded_instances: [{ id: model, config: { context_length: 'big' } }] }), {}],
    ['it is a web page', {}, '<html>'],
    ['it says nothing', {}, ''],
    ['it never answers', {}, undefined],
  ])('stays that of the installation where %s', async (_, replies, other) => {
    const { address } = await serve(replies, other);
    expect(await declared(address)).toEqual(['65536', '8192']);
  });

  it('stays that of the installation where nothing listens', async () => {
    const { address } = await serve({});
    for (const close of open.splice(0)) close();
    expect(await declared(address)).toEqual(['65536', '8192']);
  });

  it('is declared where the installation knew none, and limits no answer of a cloud model', async () => {
    const { address } = await serve(v1(listed(model, [model, 40_960])));
    const unknown = box(address, { contextWindow: undefined });
    const { env } = await start(unknown, 'claude-offline', { args: ['-p', 'hi'] });
    expect(env.get('CLAUDE_CODE_MAX_CONTEXT_TOKENS')).toBe('40960');
    expect(await declared(address, 'claude-routed')).toEqual(['40960', undefined]);
  });
});

describe('the question', () => {
  it('carries the token of the secrets file, which the client never gets to see', async () => {
    const token = randomBytes(16).toString('hex');
    const { address, asked } = await serve(v1(listed(model, [model, 32_768])));
    const made = box(address);
    secrets(made.layout, `LITELLM_MASTER_KEY=${made.keys.LITELLM_MASTER_KEY}\nLM_STUDIO_API_KEY="${token}"\n`);
    const { env } = await start(made, 'claude-local', { args: ['-p', 'hi'] });
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/api/v1/models', `Bearer ${token}`],
    ]);
    expect(JSON.stringify([...env])).not.toContain(token);
  });

  it('is asked without a token where there is none, or one that could be more than a token', async () => {
    const { address, asked } = await serve(v1(listed(model, [model, 32_768])));
    const made = box(address);
    await start(made, 'claude-local', { args: ['-p', 'hi'] });
    const key = `LITELLM_MASTER_KEY=${made.keys.LITELLM_MASTER_KEY}`;
    secrets(made.layout, `${key}\nLM_STUDIO_API_KEY=x"\\noutput="/etc/x\n`);
    await start(made, 'claude-local', { args: ['-p', 'hi'] });
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it('goes past every proxy and past what curl is told elsewhere', async () => {
    const { address, asked } = await serve(v1(listed(model, [model, 32_768])));
    const proxy = await serve({});
    const made = box(address);
    put(`${made.layout.home}/.curlrc`, `proxy = "${proxy.address}"\n`);
    const env = {
      HOME: made.layout.home,
      http_proxy: proxy.address,
      ALL_PROXY: proxy.address,
      no_proxy: 'x',
      NO_PROXY: 'x',
    };
    await start(made, 'claude-local', { args: ['-p', 'hi'], env });
    expect([asked.length, proxy.asked.length]).toEqual([1, 0]);
  });

  it.each([['mcp', 'list'], ['--version'], ['--help'], ['doctor']])('is not asked for %s', async (...args) => {
    const { address, asked } = await serve(v1(listed(model, [model, 32_768])));
    const { env } = await start(box(address), 'claude-local', { args });
    expect([asked.length, env.get('CLAUDE_CODE_MAX_CONTEXT_TOKENS')]).toEqual([0, '65536']);
  });

  it('is left out where a program for it is missing', async () => {
    const { address, asked } = await serve(v1(listed(model, [model, 32_768])));
    const made = box(address);
    const programs = scratchDirectory('bin');
    for (const name of ['env', 'cat', 'curl', 'timeout']) symlinkSync(`/usr/bin/${name}`, `${programs}/${name}`);
    const { env, stderr } = await start(made, 'claude-local', { args: ['-p', 'hi'], env: { PATH: programs } });
    expect([asked.length, stderr, env.get('CLAUDE_CODE_MAX_CONTEXT_TOKENS')]).toEqual([0, '', '65536']);
  });
});

describe('in a terminal', () => {
  /** What the launcher says when its errors go to a terminal. */
  async function said(made: Machine, name: LauncherName): Promise<string> {
    const out = scratchDirectory('out');
    const { stdout } = await run('script', ['-qec', `${made.layout.launchers[name]} -p hi </dev/null`, '/dev/null'], {
      env: { OUT: out, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' },
    });
    return stdout.trim();
  }
  const gone = 'http://127.0.0.1:1';
  const localOnly = everythingTo('local-only', true);

  it('says that another window is loaded', async () => {
    const { address } = await serve(v1(listed(model, [model, 32_768])));
    expect(await said(box(address), 'claude-local')).toBe(
      'claude-local: the model is loaded with 32768 tokens now, not with 65536; Claude Code is told so',
    );
    expect(await said(box(address, { contextWindow: 32_768 }), 'claude-local')).toBe('');
    expect(await said(box(address, { contextWindow: undefined }), 'claude-local')).toBe('');
  });

  it('says that nothing answers, and what that means', async () => {
    expect(await said(box(gone), 'claude-local')).toBe(
      `claude-local: the local model does not answer at ${gone}; until it does, requests go to the cloud, which costs money`,
    );
    const refused = `the local model does not answer at ${gone}; until it does, every request fails`;
    expect(await said(box(gone, { local: localOnly }), 'claude-local')).toBe(`claude-local: ${refused}`);
    expect(await said(box(gone), 'claude-offline')).toBe(`claude-offline: ${refused}`);
    expect(await said(box(gone, { routed: localOnly }), 'claude-routed')).toBe(`claude-routed: ${refused}`);
  });

  it('says that the model is not loaded', async () => {
    const { address } = await serve(v1(listed(model)));
    expect(await said(box(address), 'claude-offline')).toContain(`${model} is not loaded`);
  });

  it('says nothing of it where the cloud is in front', async () => {
    const { address } = await serve(v1(listed(model, [model, 32_768])));
    for (const where of [gone, address]) expect(await said(box(where), 'claude-routed')).toBe('');
  });
});
