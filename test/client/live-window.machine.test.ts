import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, expect, it } from 'vitest';
import { launcherScript } from '../../src/components/launchers/launchers.ts';
import { layoutFor } from '../../src/layout.ts';
import { put, run } from '../render/scratch.ts';
import { models } from './client-lab.ts';

const home = mkdtempSync(`${tmpdir()}/live-window-`);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A network of its own with a neighbour that takes packets and never says a word, as a machine that is switched off does. */
const network = [
  'ip link set lo up',
  'ip link add near type veth peer name far',
  'ip addr add 198.51.100.1/24 dev near',
  'ip link set near up && ip link set far up',
  'ip neigh add 198.51.100.2 lladdr 02:00:00:00:00:01 dev near',
].join(' && ');

/** Milliseconds that a launcher takes until its client runs, the median of nine starts. */
async function share(address: string | undefined): Promise<number> {
  const layout = layoutFor({ user: 'anna', uid: 1234, home });
  const server = address === undefined ? {} : { server: { addresses: [address], model: 'q' } };
  put(layout.secretsFile, 'LITELLM_MASTER_KEY=sk-x\nLM_STUDIO_API_KEY=y\n', 0o600);
  put(layout.claudeBinary, '#!/bin/sh\nexit 0\n', 0o755);
  put(layout.launchers['claude-local'], launcherScript('claude-local', layout, { ...models, ...server }), 0o755);
  const once = `begin=$EPOCHREALTIME; ${layout.launchers['claude-local']} -p hi; end=$EPOCHREALTIME; echo $(((\${end/./} - \${begin/./}) / 1000))`;
  const script = `${network} && for turn in 1 2 3 4 5 6 7 8 9; do ${once}; done`;
  const { stdout, stderr, exitCode } = await run('unshare', ['--net', 'bash', '--norc', '-c', script], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  expect([exitCode, stderr]).toEqual([0, '']);
  const times = stdout.trim().split('\n').map(Number);
  expect(times).toHaveLength(9);
  return times.sort((a, b) => a - b)[4] ?? Number.NaN;
}

it.each([
  ['is not asked', undefined],
  ['refuses the connection', 'http://127.0.0.1:9'],
  ['is switched off', 'http://198.51.100.2:1234'],
])('a launcher does not wait when the local server %s', async (_, address) => {
  // A quarter of a second is what it gives itself; a busy machine adds to that. Waiting for the server would take minutes.
  expect(await share(address)).toBeLessThan(1500);
});
