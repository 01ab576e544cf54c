import service from '../../../templates/sentinel/sentinel.service?raw';
import timer from '../../../templates/sentinel/sentinel.timer?raw';
import type { Context, InstallerStep } from '../../context.ts';
import type { Probe } from '../../host/host.ts';
import type { FileResource, Resource, ResourceId } from '../../resources/resource.ts';
import { isOwnText } from '../../text/template.ts';
import { sentinelScript } from './units.ts';

export const sentinel: InstallerStep = {
  id: 'sentinel',
  title: 'sentinel',
  guidePhase: 'phase 10',
  why: 'Claude Code updates itself. A timer notices that and tests both routes once; the next launch tells you if one fails.',
  resources: async (context, probe) =>
    context.answers.launchers.sentinel
      ? [...files(context), timerUnit('running-at-boot')]
      : [...(await timerOff(context, probe)), ...files(context), found(context)],
};

/** Gone again when it is no longer chosen. */
function files({ answers, layout }: Context): readonly Resource[] {
  const wanted = answers.launchers.sentinel;
  const file = (id: ResourceId, title: string, path: string, text: string, mode: number): FileResource => ({
    kind: 'file',
    id,
    title,
    path,
    content: wanted ? text : undefined,
    isOurs: isOwnText,
    mode,
    directoryMode: 0o700,
  });
  return [
    file('sentinel-script', 'sentinel', layout.sentinelScript, sentinelScript(answers, layout), 0o755),
    file('sentinel-service', "sentinel's service", layout.sentinelService, service, 0o644),
    file('sentinel-timer', "sentinel's timer", layout.sentinelTimer, timer, 0o644),
  ];
}

/** The timer as it is wanted. */
function timerUnit(wanted: 'running-at-boot' | 'off'): Resource {
  return {
    kind: 'systemd-unit',
    id: 'timer-of-the-sentinel',
    unit: 'claude-routing-sentinel.timer',
    scope: 'user',
    wanted,
    comesWith: 'its file',
  };
}

/** Stopped before its files go; where it never was, or is somebody else's, no service manager is asked. */
export async function timerOff({ layout }: Pick<Context, 'layout'>, probe: Probe): Promise<readonly Resource[]> {
  const text = await probe.readFile(layout.sentinelTimer).catch(() => undefined);
  return isOwnText(text ?? '') ? [timerUnit('off')] : [];
}

/** What it found: nobody reads it any more. */
function found({ layout }: Context): Resource {
  return {
    kind: 'file',
    id: 'sentinel-last-word',
    title: 'last result of the sentinel',
    path: layout.sentinelState,
    content: undefined,
    mode: 0o600,
    disposable: true,
  };
}
