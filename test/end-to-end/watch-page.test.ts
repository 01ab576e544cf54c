import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { stripVTControlCharacters } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../render/scratch.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';
import { watchedHome } from './watched-home.ts';

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function get(address: string, more: { method?: string; host?: string } = {}): Promise<Reply> {
  const { method = 'GET', host = new URL(address).host } = more;
  return await new Promise((resolve, reject) => {
    request(address, { method, headers: { host } }, async (response) => {
      const body = (await response.setEncoding('utf8').toArray()).join('');
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    })
      .on('error', reject)
      .end();
  });
}

/** The page in a terminal, and the address that it prints. */
async function opened(columns = 100, words: readonly string[] = []) {
  const home = await watchedHome();
  const env = { ...home.env, SSH_CONNECTION: '10.0.0.9 50022 192.168.1.20 22' };
  const terminal = new PseudoTerminal([...home.words, 'page', ...words], { columns, rows: 12, env });
  await terminal.sees('Ctrl-C ends it.');
  const [address = ''] = /http:\/\/\S+/.exec(terminal.written) ?? [];
  return { ...home, terminal, address };
}

it('tells whoever has the address what ends, until Ctrl-C', async () => {
  const { terminal, address, answer } = await opened();
  const { port, pathname } = new URL(address);
  expect(pathname).toMatch(/^\/[\w-]{16}$/);
  expect(terminal.text).toMatch(new RegExp(`ssh -N -L ${port}:127.0.0.1:${port} [\\w-]+@192.168.1.20 `));
  const page = await get(address);
  expect(page).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'sha256-/),
    },
    body: expect.stringMatching(/^<!doctype html>/),
  });
  const first = JSON.parse((await get(`${address}/state?seen=`)).body);
  expect(first).toMatchObject({ today: { requests: '1' }, fresh: [{ launcher: 'first', model: 'local' }] });
  answer('</script><script>alert(1)</script>\u202e');
  await expect
    .poll(async () => JSON.parse((await get(`${address}/state?seen=${first.seen}`)).body).fresh, { timeout: 20_000 })
    .toMatchObject([{ launcher: '</script><script>alert(1)</script>\\u202e' }]);
  terminal.signal('SIGINT');
  expect(await terminal.exitCode()).toBe(130);
  await expect(get(address)).rejects.toThrow('ECONNREFUSED');
});

it('has nothing for anybody else', async () => {
  const { address } = await opened();
  const { origin } = new URL(address);
  for (const [target, more, status] of [
    [`${origin}/`, {}, 404],
    [`${origin}/0123456789abcdef/state?seen=`, {}, 404],
    [address, { host: 'evil.example' }, 403],
    [address, { method: 'POST' }, 405],
  ] as const) {
    const { body, ...reply } = await get(target, more);
    expect(reply, target).toMatchObject({ status, headers: { 'cache-control': 'no-store' } });
    expect(body).toMatch(/^Nothing here\./);
  }
});

it('breaks nothing but sentences in 40 columns', async () => {
  const { terminal, address } = await opened(40);
  const lines = stripVTControlCharacters(terminal.written).split('\r\n');
  expect(lines.filter((line) => line.length > 40)).toEqual([
    expect.stringMatching(/^ {4}ssh -N -L (\d+):127\.0\.0\.1:\1 [\w-]+@192\.168\.1\.20$/),
    `    ${address}`,
  ]);
});

it('says what to type where the port is taken', async () => {
  const { words, env } = await watchedHome();
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { readonly port: number };
  const ended = await run(words[0] ?? '', [...words.slice(1), 'page', '--port', String(port), '--json'], {
    env,
    cwd: env.HOME,
  });
  expect(ended.exitCode).toBe(69);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    ...{ type: 'problem', code: 'port-taken' },
    problem: expect.stringMatching(
      new RegExp(`^port ${port} of 127\\.0\\.0\\.1 is taken by (\\S+ \\(process ${process.pid}\\)|another program)$`),
    ),
    fix: expect.stringContaining('claude-routing-install watch page'),
  });
});

it('is one object for programs', async () => {
  const { words, env } = await watchedHome();
  const [node = '', ...others] = words;
  const program = spawn(node, [...others, 'page', '--json'], { env, cwd: env.HOME });
  const ended = new Promise((resolve) => program.once('exit', resolve));
  onTestFinished(() => void program.kill('SIGKILL'));
  const [line] = await once(program.stdout.setEncoding('utf8'), 'data');
  const told = JSON.parse(line);
  expect(told).toEqual({ type: 'page', address: expect.any(String), tunnel: expect.stringMatching(/^ssh -N -L /) });
  expect(await get(told.address)).toMatchObject({ status: 200 });
  program.kill('SIGTERM');
  expect(await ended).toBe(143);
});

it.each([
  ['the page', ['page', '--json'], 129],
  ['watch', ['--json'], 0],
])('%s ends by itself where its reader is gone and nothing more is to be said', async (_, more, exitCode) => {
  const { words, env } = await watchedHome();
  const script = '{ "$@"; echo "ended with $?" >&2; } | head --lines=1';
  const started = Date.now();
  const ended = await run('bash', ['-c', script, 'bash', ...words, ...more], { env, cwd: env.HOME });
  expect(ended.stderr).toContain(`ended with ${exitCode}`);
  expect(Date.now() - started).toBeLessThan(30_000);
});
