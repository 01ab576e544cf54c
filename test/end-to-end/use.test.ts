import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runInstaller } from '../machine/paper/installer.ts';
import type { PaperMachine } from '../machine/paper/paper-machine.ts';
import { installed, mutatingLines, sharedMachine, unwrapped } from './paper.ts';

describe('use, on an installed machine', () => {
  let machine: PaperMachine;
  beforeAll(async () => {
    machine = await installed(await sharedMachine());
  });

  const routed = () => readFileSync(machine.layout.launchers['claude-routed'], 'utf8');
  const saved = () => readFileSync(machine.layout.savedAnswers, 'utf8');

  it('lists the profiles and marks the one in use', async () => {
    const { exitCode, output } = await runInstaller(machine, ['use']);
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/● cloud-foreground, in use\n {2}\S/);
    expect(output).toMatch(/○ local-subagents\n[\s\S]*○ local-first\n[\s\S]*○ offline\n/);
    const { output: objects } = await runInstaller(machine, ['use', '--json']);
    const listed = JSON.parse(objects.trim().split('\n').at(-1) ?? '');
    expect(listed).toContainEqual({ profile: 'cloud-foreground', goes: expect.any(String), inUse: true });
  });

  it('shows with --dry-run what would change, and changes nothing', async () => {
    const before = [routed(), saved(), mutatingLines(machine).length];
    const { exitCode, output } = await runInstaller(machine, ['use', 'offline', '--dry-run']);
    expect(exitCode, output).toBe(2);
    expect(unwrapped(output)).toContain('Profile offline: everything local');
    expect([routed(), saved(), mutatingLines(machine).length]).toEqual(before);
  });

  it('changes the profile, proves it, and goes back', async () => {
    const { exitCode, output } = await runInstaller(machine, ['use', 'offline', '--yes']);
    expect(exitCode, output).toBe(0);
    expect(output).toContain('claude-routed -p');
    expect(saved()).toContain('profile: offline');
    expect(routed()).not.toContain('claude-sonnet');
    const again = await runInstaller(machine, ['use', 'offline', '--yes']);
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.output).toContain('Nothing to do: the profile is offline already.');
    const plan = await runInstaller(machine, ['plan']);
    expect(plan.exitCode, plan.output).toBe(0);
    const back = await runInstaller(machine, ['use', 'cloud-foreground', '--yes']);
    expect(back.exitCode, back.output).toBe(0);
    expect(routed()).toContain('claude-sonnet');
  });

  it('local-first is refused without consent, with the command that gives it, and that works', async () => {
    const set = (allowed: string) => ['use', 'local-first', '--yes', '--set', `failover.allowed=${allowed}`];
    const { exitCode, output } = await runInstaller(machine, set('false'));
    expect(exitCode, output).toBe(65);
    expect(unwrapped(output)).toContain('claude-routing-install use local-first --set failover.allowed=true');
    const agreed = await runInstaller(machine, set('true'));
    expect(agreed.exitCode, agreed.output).toBe(0);
    expect(saved()).toContain('profile: local-first');
  });

  it('refuses a profile that there is none of, with the nearest one', async () => {
    const { exitCode, output } = await runInstaller(machine, ['use', 'ofline']);
    expect(exitCode).toBe(64);
    expect(unwrapped(output)).toContain('there is no profile ofline; did you mean offline?');
  });
});
