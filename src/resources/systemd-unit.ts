import type { Command, Probe, RunCommand } from '../host/host.ts';
import type { Plan, SystemdUnitResource, UnitState } from './resource.ts';

interface FoundUnit {
  readonly loaded: boolean;
  readonly active: boolean;
  readonly enabled: boolean;
  /** Its last start came to nothing; the manager may be about to try again, and after a few times it does not even try. */
  readonly failed?: boolean;
  /** Nobody can start it until that is taken back. */
  readonly masked?: boolean;
  /** Its file has changed since the service manager read it. */
  readonly stale?: boolean;
  /** What systemctl said when it could not be asked. */
  readonly unreachable?: string;
}

export async function inspectSystemdUnit(probe: Probe, wanted: SystemdUnitResource): Promise<FoundUnit> {
  const { exitCode, stdout, stderr } = await probe.query(
    systemctl(wanted, ['show', '-p', 'LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload', wanted.unit]),
  );
  const properties = new Map(stdout.split('\n').map((row) => row.split('=', 2) as [string, string]));
  const state = properties.get('ActiveState') ?? '';
  const failed = state === 'failed' || properties.get('SubState') === 'auto-restart';
  return {
    loaded: properties.get('LoadState') === 'loaded',
    active: ['active', 'activating', 'reloading'].includes(state) && !failed,
    enabled: properties.get('UnitFileState') === 'enabled',
    ...(failed ? { failed } : {}),
    ...(properties.get('LoadState') === 'masked' ? { masked: true } : {}),
    ...(properties.get('NeedDaemonReload') === 'yes' ? { stale: true } : {}),
    ...(exitCode === 0 ? {} : { unreachable: stderr.trim() }),
  };
}

export function planSystemdUnit(wanted: SystemdUnitResource, found: FoundUnit): Plan {
  const state = stateOf(wanted);
  const off = state.enabled !== true && state.active !== true;
  if (found.unreachable !== undefined) return { status: 'later', waitsFor: `the ${wanted.scope} service manager` };
  if (found.masked === true && !off) return blockedByMask(wanted);
  if (!found.loaded && !off) return { status: 'later', waitsFor: wanted.comesWith };
  const missing = {
    boot: state.enabled !== undefined && state.enabled !== found.enabled,
    now: state.active !== undefined && state.active !== found.active,
  };
  if (!missing.boot && !missing.now)
    return found.stale === true && !off ? reload(wanted) : { status: 'ok', note: noteOf(wanted.unit, found) };
  const plan = change(wanted, off, { ...missing, stale: found.stale === true });
  if (off) return { ...plan, destructive: true };
  return found.failed === true ? { ...plan, effects: [forgetFailures(wanted), ...plan.effects] } : plan;
}

function blockedByMask({ unit, scope }: SystemdUnitResource): Plan {
  return {
    status: 'blocked',
    code: 'service-does-not-start',
    problem: `somebody has masked ${unit}, so that nothing can start it`,
    fix: `take that back:  ${scope === 'user' ? 'systemctl --user' : 'sudo systemctl'} unmask ${unit}`,
  };
}

/** A unit that failed a few times within a minute is not started, whatever was fixed meanwhile. Source: systemd.unit(5), StartLimitBurst. */
function forgetFailures(wanted: SystemdUnitResource): RunCommand {
  const command = systemctl(wanted, ['reset-failed', wanted.unit], wanted.scope === 'system');
  return { do: 'run', why: `forget that ${wanted.unit} failed`, command };
}

function stateOf({ wanted }: SystemdUnitResource): UnitState {
  if (typeof wanted === 'object') return wanted;
  const on = wanted === 'running-at-boot';
  return { enabled: on, active: on };
}

function noteOf(unit: string, { active, enabled }: FoundUnit): string {
  if (active) return enabled ? `${unit} runs, and starts at boot` : `${unit} runs`;
  return enabled ? `${unit} starts at boot` : `${unit} is off`;
}

/** Enabling a unit reads its file anyway; for one that is already running, a reload is needed. */
function reload(wanted: SystemdUnitResource): Plan {
  const why = `read the changed file of ${wanted.unit}`;
  const command = systemctl(wanted, ['daemon-reload'], wanted.scope === 'system');
  return { status: 'change', summary: why, effects: [{ do: 'run', why, command }] };
}

/** Only what is missing is switched, so that the journal tells how the unit was found. */
function change(
  wanted: SystemdUnitResource,
  off: boolean,
  { boot, now, stale }: { readonly boot: boolean; readonly now: boolean; readonly stale: boolean },
): Plan & { readonly status: 'change' } {
  const { unit, scope } = wanted;
  const [atBoot, atOnce] = off ? (['disable', 'stop'] as const) : (['enable', 'start'] as const);
  // Starting alone would start what the service manager has read, and not its changed file.
  const verb = boot || (stale && !off) ? [atBoot, ...(now ? ['--now'] : [])] : [atOnce];
  const parts = off
    ? [...(now ? [`stop ${unit}`] : []), ...(boot ? [`keep ${now ? 'it' : unit} from starting at boot`] : [])]
    : [`start ${unit} ${[...(now ? ['now'] : []), ...(boot ? ['at boot'] : [])].join(' and ')}`];
  const why = parts.join(' and ');
  const command = systemctl(wanted, [...verb, unit], scope === 'system');
  return { status: 'change', summary: why, effects: [{ do: 'run', why, command }] };
}

function systemctl({ scope }: SystemdUnitResource, args: readonly string[], sudo = false): Command {
  const manager = scope === 'user' ? ['--user'] : [];
  return { file: 'systemctl', args: [...manager, ...args], ...(sudo ? { sudo } : {}) };
}
