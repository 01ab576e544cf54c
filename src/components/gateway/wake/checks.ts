import type { Check, CheckFinding } from '../../../checks/check.ts';
import type { Answers } from '../../../config/schema.ts';
import type { Resource } from '../../../resources/resource.ts';
import { inspectSystemdUnit } from '../../../resources/systemd-unit.ts';
import { type Neighbour, neighbourOf } from './neighbour.ts';
import { wakeResources, wakeUnit } from './units.ts';

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
    // Who cannot ask the service manager is told so elsewhere.
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

/** Why the machine will not wake, as far as the network shows it. One that is asleep for long is not among the neighbours: then nothing. */
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
