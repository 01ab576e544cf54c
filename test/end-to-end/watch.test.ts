import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { loggedLine } from '../components/gateway/read-request-log.ts';
import { builtProgram } from '../machine/paper/installer.ts';
import { run } from '../render/scratch.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';

/** The package on this very machine, with a home that has a request log and nothing else. */
async function home() {
  await builtProgram();
  const folder = mkdtempSync(`${tmpdir()}/home-`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const log = `${folder}/.local/state/claude-routing/requests`;
  mkdirSync(log, { recursive: true });
  const file = `${log}/${new Date().toISOString().slice(0, 7)}.jsonl`;
  const answer = (launcher: string) => appendFileSync(file, loggedLine({ at: new Date().toISOString(), launcher }));
  answer('first');
  const program = fileURLToPath(new URL('../../dist/package/claude-routing-install.mjs', import.meta.url));
  const words = [process.execPath, program, 'watch'];
  return { words, answer, env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: folder } };
}

it('shows what ends while it is looked at, in any size of a terminal, and leaves that as it was', async () => {
  const { words, answer, env } = await home();
  const terminal = new PseudoTerminal(words, { columns: 100, rows: 12, env });
  await terminal.sees('LM Studio 1.9 s 4,711 → 57 first');
  for (let count = 0; count < 20; count += 1) answer('another');
  answer('the last');
  await terminal.sees('the last');
  await terminal.sees('Today: 22 requests');
  terminal.resize(20);
  answer('narrow');
  await terminal.until(() => /Today: 23 requests,…/.test(terminal.text), 'the line cut to 20 columns');
  terminal.signal('SIGINT');
  expect(await terminal.exitCode()).toBe(130);
  // Neither another screen nor a hidden cursor, which would have to be taken back.
  expect(terminal.written).not.toMatch(/\x1b\[\?(?:25|47|1049)[hl]/);
});

it('is a line for each off a terminal, and ends when nobody reads any more', async () => {
  const { words, answer, env } = await home();
  const line = `${words.map((word) => `'${word}'`).join(' ')} | { read -r gateway; read -r today; echo "$today"; }`;
  const ended = run('bash', ['-c', line], { env, cwd: env.HOME });
  const answering = setInterval(() => answer('later'), 200);
  onTestFinished(() => clearInterval(answering));
  expect(await ended).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/Today: \d+ requests?, 100 % local/),
  });
});

it('is one object with --once --json', async () => {
  const { words, env } = await home();
  const { stdout, exitCode } = await run(words[0] ?? '', [...words.slice(1), '--once', '--json'], {
    env,
    cwd: env.HOME,
  });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    type: 'watch',
    spending: null,
    today: { requests: 1, local: 1 },
    latest: [{ launcher: 'first', answered: 'lm-studio:local' }],
  });
});
