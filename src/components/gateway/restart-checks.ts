import type { Check, CheckFinding } from '../../checks/check.ts';
import { gatewayContainer } from '../../docker-client/gateway-container.ts';
import type { InspectedContainer } from '../../docker-client/inspected-container.ts';
import { counted } from '../../text/counted.ts';

/** Whatever ends the gateway, the engine starts it again, and nobody sees more than an answer that broke off. */
export const restarts: Check = {
  id: 'restarts',
  about: 'the gateway has not stopped by itself since it was started',
  on: 'installation',
  look: async (examination) => {
    const container = await gatewayContainer(examination);
    return container === 'no-engine' ? [] : restartFindings(container, examination.layout.containerName);
  },
};

/** What runs again although it ended; one that does not run is told by the check that looks for it. */
export function restartFindings(container: InspectedContainer | undefined, name: string): readonly CheckFinding[] {
  if (container?.status !== 'running' || container.restarts === 0) return [];
  const fix = `see what it said:  docker logs --tail 100 ${name}   and whether memory was short:  journalctl -k | grep -i 'out of memory'   Then reset the count:  docker restart ${name}`;
  return [
    {
      code: 'gateway-restarted',
      symptom: 'An answer is cut off, and for ten seconds or more every launcher says: Connection error',
      problem: `the gateway stopped by itself and was restarted, ${counted(container.restarts, 'time')} since you or this program started it`,
      evidence: [{ text: `docker container inspect ${name}: RestartCount ${container.restarts}` }],
      severity: 'note',
      fix,
    },
  ];
}
