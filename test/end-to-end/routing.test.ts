import { expect, it } from 'vitest';
import { runInstaller } from '../machine/paper/installer.ts';
import { install, sharedMachine, unwrapped } from './paper.ts';

const rule = '{name: searches, when: {kind: web-search}, model: local-only}';

it('rules are written by an installation, explained, and tried on the log', async () => {
  const machine = await sharedMachine();
  const { exitCode, output } = await install(machine, ['--set', `routing.rules=[${rule}]`]);
  expect(exitCode, output).toBe(0);
  const explained = await runInstaller(machine, ['routing', 'explain', '--kind', 'web-search,background']);
  expect(explained.exitCode, explained.output).toBe(0);
  expect(unwrapped(explained.output)).toContain('1. searches: web searches → local-only fits It goes to');
  const simulated = await runInstaller(machine, ['routing', 'simulate', '--set', 'routing.rules=[]', '--json']);
  expect(simulated.exitCode, simulated.output).toBe(0);
  const found = JSON.parse(simulated.output.trim().split('\n').at(-1) ?? '');
  expect(found).toMatchObject({ moved: 0, rules: [{ rule: null }] });
});
