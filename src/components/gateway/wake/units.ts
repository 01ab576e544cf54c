import path from '../../../../templates/wake/wake.path?raw';
import script from '../../../../templates/wake/wake.py?raw';
import service from '../../../../templates/wake/wake.service?raw';
import { hostOf } from '../../../config/address.ts';
import type { Context } from '../../../context.ts';
import type { Probe } from '../../../host/host.ts';
import type { Layout } from '../../../layout.ts';
import type { Resource, ResourceId, SystemdUnitResource } from '../../../resources/resource.ts';
import { filledWith, isOwnText } from '../../../text/template.ts';

/** A file on this machine that waking takes; the gateway's container cannot send the packet. */
interface WakeFile {
  readonly id: ResourceId;
  readonly title: string;
  readonly path: string;
}

/** In the order in which they are written. */
export function wakeFiles({ wakeScript, wakeService, wakePath }: Layout): readonly WakeFile[] {
  return [
    { id: 'wake-script', title: 'what wakes the local model’s machine', path: wakeScript },
    { id: 'wake-service', title: 'service that wakes it', path: wakeService },
    { id: 'wake-path', title: 'watch for the gateway’s request to wake it', path: wakePath },
  ];
}

/** What waking takes; what is left of it where it is no longer chosen; nothing where it never was. */
export async function wakeResources({ answers, layout }: Context, probe: Probe): Promise<readonly Resource[]> {
  const { wake } = answers.localModel;
  const texts = wake === undefined ? [] : [wakeScript(answers.localModel.address, wake.mac), service, path];
  const files = wakeFiles(layout).map(
    (file, place): Resource => ({
      ...file,
      kind: 'file',
      content: texts[place],
      mode: 0o644,
      directoryMode: 0o700,
      isOurs: isOwnText,
    }),
  );
  if (wake !== undefined) return [...files, wakeUnit('running-at-boot')];
  const off = await wakeUnitOff(layout, probe);
  return off.length === 0 ? [] : [...off, ...files];
}

/** Stopped before its file goes; where it never was, or is somebody else's, no service manager is asked. */
export async function wakeUnitOff({ wakePath }: Layout, probe: Probe): Promise<readonly Resource[]> {
  const text = await probe.readFile(wakePath).catch(() => undefined);
  return isOwnText(text ?? '') ? [wakeUnit('off')] : [];
}

/** What waits for the gateway's wish. */
export function wakeUnit(wanted: 'running-at-boot' | 'off'): SystemdUnitResource {
  return {
    kind: 'systemd-unit',
    id: 'watch-for-wakes',
    unit: 'claude-routing-wake.path',
    scope: 'user',
    wanted,
    comesWith: 'its file',
  };
}

/** What sends the packet, in Python. A service file that changed would have to be read again by the service manager; a script need not. */
export function wakeScript(address: string, mac: string): string {
  const host = hostOf(address);
  return filledWith(script, { host: JSON.stringify(host), mac: JSON.stringify(mac) });
}
