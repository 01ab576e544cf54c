import type { Layout } from '../../layout.ts';
import { isOwnText } from '../../text/template.ts';
import { filesKept, type OwnFile, takenOff } from '../../uninstall/former-file.ts';
import type { RemovalStep } from '../../uninstall/removal.ts';
import { timerOff } from './step.ts';

/** The watch over updates; it goes first, or it would report what follows. */
export const sentinel: RemovalStep = {
  id: 'sentinel',
  title: 'sentinel',
  guidePhase: 'none: the guide has nothing that detects updates',
  why: 'The timer that tries new versions has nothing left to try.',
  undoes: ['sentinel'],
  resources: async (removal, probe) => [
    ...(await timerOff(removal, probe)),
    ...(await takenOff(removal, ownFiles(removal.layout), probe)),
  ],
  kept: async (removal, probe) => await filesKept(removal, ownFiles(removal.layout), probe),
};

function ownFiles({ sentinelService, sentinelTimer, sentinelScript }: Layout): readonly OwnFile[] {
  const isOurs = isOwnText;
  return [
    { id: 'sentinel-service', path: sentinelService, isOurs },
    { id: 'sentinel-timer', path: sentinelTimer, isOurs },
    { id: 'sentinel-script', path: sentinelScript, isOurs },
  ];
}
