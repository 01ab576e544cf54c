import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheDirectory } from './cache.ts';
import { attempt, must, until } from './command.ts';
import { bootLab, type Lab } from './lab.ts';
import { missingForLab } from './prerequisites.ts';
import { processesIn } from './slot.ts';
import { sweepAbandonedSlots } from './sweep.ts';

/** What no test that uses the lab would notice. Everything else that it promises, an installation in it needs. */
let lab: Lab;

beforeAll(async () => {
  expect(await missingForLab()).toEqual([]);
  lab = await bootLab();
});

afterAll(async () => {
  await lab?.close();
});

it('the machine has no way out', async () => {
  const outside = await lab.machine.ssh('curl -sS -m 10 http://1.1.1.1/');
  expect(outside.exitCode).not.toBe(0);
  const [address = ''] = (await attempt('hostname', ['-I'])).stdout.split(' ');
  if (address !== '') expect((await lab.machine.ssh(`ping -c 1 -W 2 ${address}`)).exitCode).not.toBe(0);
  expect((await lab.machine.ssh('curl -sS -m 10 https://example.com/')).exitCode).toBe(6);
  expect(lab.unknownNames).toContain('example.com');
});

it('the machine leaves nothing behind when its process is killed', async () => {
  const script = ['test/run-script.mjs', 'test/machine/lab/boot-and-wait.ts'];
  const child = spawn(process.execPath, script, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const number = line.toString().trim();
  expect(processesIn(`lab${number}`).length).toBeGreaterThan(5);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await until('the machine to end by itself', async () => processesIn(`lab${number}`).length === 0, 10_000);
  sweepAbandonedSlots();
  expect(existsSync(cacheDirectory('runs', number))).toBe(false);
  const left = await must('sh', ['-c', 'ip netns; ip -o link; ps -eo args']);
  expect(left).not.toMatch(new RegExp(`\\blab${number}w?\\b|runs/${number}/`));
});
