import type { ResourceId } from '../../resources/resource-id.ts';
import { type OwnFile, takenOff } from '../../uninstall/former-file.ts';
import type { Removal, RemovalStep } from '../../uninstall/removal.ts';
import { timerUnit } from './step.ts';

/** The watch over updates; first to go, or it would report what follows. */
export const sentinel: RemovalStep = {
  id: 'sentinel',
  title: 'sentinel',
  guidePhase: 'none: the guide has nothing that detects updates',
  why: 'The timer that tries new versions has nothing left to try.',
  undoes: ['sentinel'],
  resources: async (removal, probe) => {
    const files = await Promise.all(ownFiles(removal).map(async (file) => await takenOff(removal, file, probe)));
    const known = (await probe.stat(removal.layout.sentinelTimer)) !== undefined;
    return [...(known ? [timerUnit('off')] : []), ...files.flat()];
  },
};

function ownFiles({ layout }: Removal): readonly OwnFile[] {
  const file = (id: ResourceId, title: string, path: string): OwnFile => ({ id, title, path, isOurs: () => true });
  return [
    file('sentinel-service', "sentinel's service", layout.sentinelService),
    file('sentinel-timer', "sentinel's timer", layout.sentinelTimer),
    file('sentinel-script', 'sentinel', layout.sentinelScript),
  ];
}
