import { expect, it, onTestFinished } from 'vitest';
import { run } from '../render/scratch.ts';
import { PseudoTerminal } from './pseudo-terminal.ts';
import { watchedHome } from './watched-home.ts';

it('shows what ends while it is looked at, in any size of a terminal, and leaves that as it was', async () => {
  const { words, answer, env } = await watchedHome();
  const terminal = new PseudoTerminal(words, { columns: 100, rows: 12, env });
  await terminal.sees('local 1.9 s 4,711 → 57 first');
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
  const { words, answer, env } = await watchedHome();
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
  const { words, env } = await watchedHome();
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
