import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { loggedLine } from '../components/gateway/read-request-log.ts';
import { openWorld, PROGRAM, type World } from '../machine/world.ts';
import { Browser, installBrowser } from './browser.ts';

let world: World;
let browser: Browser;

beforeAll(async () => {
  await installBrowser();
  world = await openWorld({ say: (line) => console.log(`world: ${line}`) });
  browser = await Browser.start();
});

afterAll(async () => {
  await browser?.close();
  await world?.close();
});

it('is opened from another machine by the two lines that it prints', async () => {
  const { machine } = world;
  const log = '~/.local/state/claude-routing/requests';
  const first = loggedLine({ at: new Date().toISOString(), launcher: 'from afar' });
  await machine.ssh(`mkdir -p ${log} && cat > ${log}/${new Date().toISOString().slice(0, 7)}.jsonl`, { input: first });
  const begin = `nohup ${PROGRAM} watch page --json > page.json < /dev/null 2>&1 & until [ -s page.json ]; do sleep 0.2; done; cat page.json`;
  const { stdout } = await machine.ssh(begin, { timeoutMs: 60_000 });
  const { address, tunnel } = JSON.parse(stdout) as { readonly address: string; readonly tunnel: string };
  const { port } = new URL(address);
  // The address by which this machine came in, as the other one sees it.
  expect(tunnel).toBe(`ssh -N -L ${port}:127.0.0.1:${port} ${machine.user}@10.77.0.2`);

  // As it is typed; what is added is what makes this host know the other one, and where it really is.
  const known = [...machine.sshArgs().slice(0, -1), '-o', `HostName=${machine.address}`];
  const typed = spawn('ssh', [...known, ...tunnel.split(' ').slice(1)], { stdio: 'ignore' });
  onTestFinished(() => void typed.kill());
  await expect
    .poll(async () => await fetch(address).then(({ status }) => status, String), { timeout: 30_000 })
    .toBe(200);
  const page = await browser.open(address, { width: 1400, height: 900, dark: false });
  const asked = `[...document.querySelectorAll('#rows .asked')].map((one) => one.textContent)`;
  await expect.poll(async () => await page.value(asked), { timeout: 30_000 }).toEqual(['local from afar']);

  typed.kill();
  const told = `document.getElementById('gateway').textContent`;
  await expect.poll(async () => await page.value(told), { timeout: 30_000 }).toMatch(/^✗ no connection/);
  // Nothing listens where others of the network could come in.
  const listening = await machine.ssh(`ss -Hltn 'sport = :${port}' | awk '{print $4}'`);
  expect(listening.stdout.trim()).toBe(`127.0.0.1:${port}`);
});
