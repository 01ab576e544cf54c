import { askEngine, containerInspect, type Looking } from './docker.ts';
import { type InspectedContainer, readContainer } from './inspected-container.ts';

/** The gateway's container: undefined where there is none, `no-engine` where there is nobody to ask. */
export async function gatewayContainer(looking: Looking): Promise<InspectedContainer | undefined | 'no-engine'> {
  const { probe, layout } = looking;
  if ((await askEngine(looking)).exitCode !== 0) return 'no-engine';
  return readContainer((await probe.query(containerInspect(layout, layout.containerName))).stdout);
}
