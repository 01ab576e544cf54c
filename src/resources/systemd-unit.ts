import type { Command, Probe, RunCommand } from '../host/host.ts';
import type { Plan, SystemdUnitResource } from './resource.ts';

interface FoundUnit {
  readonly loaded: boolean;
  readonly active: boolean;
  readonly enabled: boolean;
  /** Its file is another one by now than the service manager has read. */
  readonly stale?: boolean;
  /** What systemctl said when it could not be asked. */
  readonly unreachable?: string;
}

export async function inspectSystemdUnit(probe: Probe, wanted: SystemdUnitResource): Promise<FoundUnit> {
  const { exitCode, stdout, stderr } = await probe.query(
    systemctl(wanted, ['show', '-p', 'LoadState,ActiveState,UnitFileState,NeedDaemonReload', wanted.unit]),
  );
  const properties = new Map(stdout.split('\n').map((row) => row.split('=', 2) as [string, string]));
  return {
    loaded: properties.get('LoadState') === 'loaded',
    active: ['active', 'activating', 'reloading'].includes(properties.get('ActiveState') ?? ''),
    enabled: properties.get('UnitFileState') === 'enabled',
    ...(properties.get('NeedDaemonReload') === 'yes' ? { stale: true } : {}),
    ...(exitCode === 0 ? {} : { unreachable: stderr.trim() }),
  };
}

export function planSystemdUnit(wanted: SystemdUnitResource, found: FoundUnit): Plan {
  if (found.unreachable !== undefined) return { status: 'later', waitsFor: `the ${wanted.scope} service manager` };
  if (wanted.wanted === 'off') return planOff(wanted, found);
  if (!found.loaded) return { status: 'later', waitsFor: wanted.comesWith };
  if (found.active && found.enabled && found.stale === true) return reload(wanted);
  if (found.active && found.enabled) return { status: 'ok', note: `${wanted.unit} runs, and starts at boot` };
  return change(wanted, 'enable', `start ${wanted.unit} now and at boot`);
}

/** Enabling a unit reads its file anyway; one that runs already has to be told. */
function reload(wanted: SystemdUnitResource): Plan {
  const why = `read the changed file of ${wanted.unit}`;
  const command = systemctl(wanted, ['daemon-reload'], wanted.scope === 'system');
  return { status: 'change', summary: why, effects: [{ do: 'run', why, command }] };
}

function planOff(wanted: SystemdUnitResource, found: FoundUnit): Plan {
  if (!found.active && !found.enabled) return { status: 'ok', note: `${wanted.unit} is off` };
  return { ...change(wanted, 'disable', `stop ${wanted.unit} and keep it from starting at boot`), destructive: true };
}

function change(wanted: SystemdUnitResource, verb: string, why: string): Plan & { readonly status: 'change' } {
  const effect: RunCommand = {
    do: 'run',
    why,
    command: systemctl(wanted, [verb, '--now', wanted.unit], wanted.scope === 'system'),
  };
  return { status: 'change', summary: why, effects: [effect] };
}

function systemctl({ scope }: SystemdUnitResource, args: readonly string[], sudo = false): Command {
  const manager = scope === 'user' ? ['--user'] : [];
  return { file: 'systemctl', args: [...manager, ...args], ...(sudo ? { sudo } : {}) };
}
