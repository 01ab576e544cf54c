import type { Context } from '../context.ts';
import type { CheckResult } from '../engine/check-result.ts';
import type { Requirement } from '../engine/step.ts';
import type { Probe } from '../host/host.ts';
import type { Layout } from '../layout.ts';

/** Whether this user's own service manager can be reached. It decides, not the way in: `su` is fine when the bus is really there. */
export async function findUserBus(probe: Probe, layout: Layout, address: string): Promise<CheckResult> {
  const bus = await probe.stat(`${layout.runtimeDir}/bus`);
  const manager =
    bus?.kind === 'socket' ? await probe.query({ file: 'systemctl', args: ['--user', 'show-environment'] }) : undefined;
  if (manager?.exitCode === 0) return { status: 'ok', note: 'login session with a user bus' };
  return {
    status: 'stop',
    code: 'no-login-session',
    problem: `there is no service manager for ${layout.user} in this session (${layout.runtimeDir}/bus does not answer); rootless Docker needs one, and a shell opened with su or sudo has none`,
    fix: `leave this shell with  exit  and log in with  ssh ${layout.user}@${address}  (or have root run  loginctl enable-linger ${layout.user}  first)`,
  };
}

export const loginSession: Requirement<Context> = {
  name: 'login session',
  run: async (probe, { layout, machine }) => await findUserBus(probe, layout, machine.addresses[0] ?? machine.hostName),
};
