import * as z from 'zod';
import path from '../../../templates/wake/wake.path?raw';
import script from '../../../templates/wake/wake.py?raw';
import service from '../../../templates/wake/wake.service?raw';
import type { Check, CheckFinding } from '../../checks/check.ts';
import { hostOf } from '../../config/address.ts';
import type { Answers } from '../../config/schema.ts';
import type { Context } from '../../context.ts';
import type { Probe } from '../../host/host.ts';
import { readBody } from '../../http/reply-body.ts';
import type { Layout } from '../../layout.ts';
import type { Resource, ResourceId, SystemdUnitResource } from '../../resources/resource.ts';
import { inspectSystemdUnit } from '../../resources/systemd-unit.ts';
import { filledWith, isOwnText } from '../../text/template.ts';

/** A file on this machine that waking needs, because the gateway's container cannot send the packet. */
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

/** What waking needs; its removal if it is no longer chosen; nothing if it never was. */
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

/** Stopped before its file goes; if it never existed, or is somebody else's, no service manager is asked. */
export async function wakeUnitOff({ wakePath }: Layout, probe: Probe): Promise<readonly Resource[]> {
  const text = await probe.readFile(wakePath).catch(() => undefined);
  return isOwnText(text ?? '') ? [wakeUnit('off')] : [];
}

/** The unit that waits for the gateway's request. */
function wakeUnit(wanted: 'running-at-boot' | 'off'): SystemdUnitResource {
  return {
    kind: 'systemd-unit',
    id: 'watch-for-wakes',
    unit: 'claude-routing-wake.path',
    scope: 'user',
    wanted,
    comesWith: 'its file',
  };
}

/** What sends the packet, in Python. The service manager would have to reload a changed service file, but not a script. */
export function wakeScript(address: string, mac: string): string {
  const host = hostOf(address);
  return filledWith(script, { host: JSON.stringify(host), mac: JSON.stringify(mac) });
}

/** The machine of an address as this one sees it in the network. */
interface Neighbour {
  /** Its network card's address, in lower case and with colons; undefined if the kernel does not know it now. */
  readonly mac: string | undefined;
  /** Where packets to it go first when it is in another network. */
  readonly router: string | undefined;
}

const routes = z.array(z.object({ gateway: z.string().optional(), via: z.object({ host: z.string() }).optional() }));
/** A row without `lladdr` is a machine that did not answer. */
const neighbours = z.array(z.object({ lladdr: z.string().optional() }));

/** What the kernel knows of a machine by its address or name; undefined where this system does not say. Dials nobody. */
export async function neighbourOf(probe: Pick<Probe, 'query'>, address: string): Promise<Neighbour | undefined> {
  const host = hostOf(address);
  const [own = ''] = (await probe.query({ file: 'getent', args: ['ahosts', host] })).stdout.split(/\s/, 1);
  if (own === '') return undefined;
  const [way, known] = await Promise.all([
    probe.query({ file: 'ip', args: ['-json', 'route', 'get', own] }),
    probe.query({ file: 'ip', args: ['-json', 'neighbour', 'show', own] }),
  ]);
  return neighbourIn(way.stdout, known.stdout);
}

/** The same, from the output of `ip -json route get` and `ip -json neighbour show`. */
export function neighbourIn(way: string, known: string): Neighbour | undefined {
  const [route] = readBody(routes, way) ?? [];
  if (route === undefined) return undefined;
  const mac = readBody(neighbours, known)?.find(({ lladdr }) => lladdr !== undefined)?.lladdr;
  return { mac: mac?.toLowerCase(), router: route.gateway ?? route.via?.host };
}

const id = 'wake';

export const wake: Check = {
  id,
  about: 'the local model’s machine can be woken, where that was chosen',
  on: 'installation',
  look: async ({ probe, installed }) => {
    const { localModel } = installed.answers;
    if (localModel.wake === undefined) return [];
    const [unit, neighbour] = await Promise.all([
      inspectSystemdUnit(probe, wakeUnit('running-at-boot')),
      neighbourOf(probe, localModel.address),
    ]);
    const trouble = wakeTrouble(localModel, neighbour);
    // A service manager that cannot be asked is reported elsewhere.
    if (unit.unreachable !== undefined || (unit.active && unit.enabled)) return trouble;
    return [unwatched(unit.loaded, await wakeResources(installed, probe)), ...trouble];
  },
};

function unwatched(loaded: boolean, resources: readonly Resource[]): CheckFinding {
  return {
    code: 'wake-unit-off',
    symptom: 'Requests wait for a machine that nothing wakes',
    problem: 'nothing sends the packet that wakes the local model’s machine',
    evidence: [{ text: `claude-routing-wake.path: ${loaded ? 'does not run, or not at boot' : 'not there'}` }],
    explains: resources.map((resource) => resource.id),
    fixWith: resources,
  };
}

/** Why the machine will not wake, as far as the network shows; undefined for one that has been asleep so long that it is no neighbour. */
export function wakeTrouble(
  { address, wake: wanted }: Pick<Answers['localModel'], 'address' | 'wake'>,
  neighbour: Neighbour | undefined,
): readonly CheckFinding[] {
  if (wanted === undefined || neighbour === undefined) return [];
  const symptom = 'The local model’s machine is asked to wake and stays asleep';
  if (neighbour.router !== undefined)
    return [
      {
        code: 'wake-impossible',
        symptom,
        problem: `${address} is on another network, which wake-up packets do not reach`,
        evidence: [{ text: `ip route get: behind ${neighbour.router}` }],
        fix: 'put both machines on one network, or take localModel.wake out of the answers:  claude-routing-install --ask',
      },
    ];
  if (neighbour.mac === undefined || neighbour.mac === wanted.mac) return [];
  return [
    {
      code: 'wake-address-differs',
      symptom,
      problem: `the network card at ${address} is ${neighbour.mac}, but the answers wake ${wanted.mac}`,
      evidence: [{ text: `ip neighbour: ${neighbour.mac}` }],
      fix: `claude-routing-install --set localModel.wake.mac=${neighbour.mac}`,
    },
  ];
}
